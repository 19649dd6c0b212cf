"""On what the figures were measured, in words that tell nothing of whose machine it is."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version

PACKAGES = (
    "cryptography",
    "PyJWT",
    "joserfc",
    "Django",
    "djangorestframework",
    "djangorestframework-simplejwt",
)


def describe() -> dict[str, str]:
    """The processor's kind, how many of it, the interpreter, and the versions of everything measured."""
    described = {
        "machine": f"{platform.system()} on {platform.machine()}, {os.cpu_count()} logical processors",
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "SQLite": sqlite3.sqlite_version,
    }
    return described | {name: version(name) for name in PACKAGES}
