"""The shape of a row in the catalog of findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How much a finding matters; the gravest first."""

    ERROR = "error"
    """Breaks a specification, or makes the token worthless: a strict verifier refuses it."""
    WARNING = "warning"
    """A risk, or what is probably a mistake."""
    INFO = "info"
    """Good to know."""


ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One row of the catalog.

    Attributes:
        code: Its stable name in snake_case.
        severity: Unless a profile knows better.
        message: One sentence; what stands in ``{braces}`` is filled in by the rule.
        fix: What to do about it, likewise; empty where there is nothing to do.
        reference: The section of the specification that says so.
    """

    code: str
    severity: Severity
    message: str
    fix: str = ""
    reference: str = ""
