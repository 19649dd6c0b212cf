"""Findings: what can be said against a token, or has to be known about it. Their codes are stable."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from jotpass.inspection.finding_kinds.claims import CLAIMS
from jotpass.inspection.finding_kinds.header import HEADER
from jotpass.inspection.finding_kinds.not_a_token import NOT_A_TOKEN
from jotpass.inspection.finding_kinds.shape import SHAPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jotpass.inspection.finding_kind import FindingKind, Severity

FINDING_KINDS: Final[Mapping[str, FindingKind]] = MappingProxyType(
    {kind.code: kind for kind in (*NOT_A_TOKEN, *SHAPE, *HEADER, *CLAIMS)}
)
"""Every finding there is, by code; read-only."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about one token.

    Attributes:
        code: Its stable name in snake_case.
        severity: How much it matters.
        where: ``token``, ``header``, ``payload``, ``claims``, ``signature``, or a member: ``claims.exp``.
        message: One sentence. Names out of the token may be part of it: show it as text of strangers.
        fix: What to do about it; may be empty.
        reference: The section of the specification; may be empty.
    """

    code: str
    severity: Severity
    where: str
    message: str
    fix: str
    reference: str

    def as_dict(self) -> dict[str, str]:
        """Return the members as JSON has them."""
        return {**asdict(self), "severity": self.severity.value}


def find(code: str, where: str, *, severity: Severity | None = None, **details: object) -> Finding:
    """Make a finding out of its row.

    Args:
        code: The row.
        where: The part or member that it is about.
        severity: In place of the row's own.
        details: What fills the braces of the message and the fix.
    """
    kind = FINDING_KINDS[code]
    message, fix = kind.message.format(**details), kind.fix.format(**details)
    return Finding(code, severity or kind.severity, where, message, fix, kind.reference)
