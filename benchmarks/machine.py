"""On what the figures were measured, in words that tell nothing of whose machine it is."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGES = (
    "cryptography",
    "PyJWT",
    "joserfc",
    "Django",
    "djangorestframework",
    "djangorestframework-simplejwt",
)


def describe(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """The processor's kind, how many of it, the interpreter, and the versions of what is measured."""
    described = {
        "machine": f"{platform.system()} on {platform.machine()}, {os.cpu_count()} logical processors",
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "SQLite": sqlite3.sqlite_version,
    }
    return described | {name: version(name) for name in packages}


def in_words(described: Mapping[str, str]) -> str:
    """The same as one line of text."""
    return "; ".join(what if name == "machine" else f"{name} {what}" for name, what in described.items())
