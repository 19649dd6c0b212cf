"""Explaining a token: what it says, what that means, and what is to be said about it. Nothing is verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jotpass.inspection.claim_catalog import CLAIMS
from jotpass.inspection.claims_findings import claims_findings, hidden_character_findings
from jotpass.inspection.finding_kind import Severity
from jotpass.inspection.findings import Finding, find
from jotpass.inspection.header_catalog import describe_member
from jotpass.inspection.header_findings import header_findings
from jotpass.inspection.numeric_date import duration_words, is_number, read_moment
from jotpass.inspection.profiles import PROFILES, detect_profile
from jotpass.inspection.serialization import TokenParts, take_apart
from jotpass.inspection.time_findings import time_findings
from jotpass.inspection.wrapping import MAX_INPUT_LENGTH, unwrap
from jotpass.jose.limits import MAX_TOKEN_LENGTH

if TYPE_CHECKING:
    from jotpass.inspection.numeric_date import Moment
    from jotpass.inspection.profiles import Profile
    from jotpass.inspection.serialization import Form

_COOKIE_LENGTH: Final = 4_096
_ORDER: Final = tuple(Severity)
_MARKS: Final = {"exp": ("", "expired"), "nbf": ("not yet", ""), "iat": ("not yet", "")}
"""By claim: the mark of a moment that lies ahead, and of one that has passed."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One header member or claim, explained.

    Attributes:
        name: Its name, as it came.
        value: The JSON value, as it came.
        meaning: What it says; empty if the name is not known.
        reference: The specification that says so, or whose convention it is; may be empty.
        moment: When a NumericDate is.
        mark: ``expired``, ``not yet``, or empty.
    """

    name: str
    value: Any
    meaning: str
    reference: str
    moment: Moment | None = None
    mark: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the members as JSON has them."""
        row: dict[str, Any] = {"name": self.name, "value": self.value, "meaning": self.meaning}
        row["reference"] = self.reference
        if self.moment is not None:
            row |= {"time": self.moment.iso, "relative": self.moment.relative, "mark": self.mark}
        return row


@dataclass(frozen=True, slots=True)
class Report:
    """A token explained. It says nothing of whether the token is genuine: no signature was checked.

    Attributes:
        form: The serialization; ``not_a_token`` if it is none.
        length: Characters of the token.
        profile: The kind of token that the findings assume.
        told_by: What told the profile: ``typ``, a claim's name, ``you``, or ``nothing``.
        header: The header, member by member.
        claims: The claims, one by one; None where they cannot be read.
        payload: The bytes that are signed, where they are no claims.
        signature_bytes: The signature's length; None where there is none to read.
        lifetime: From ``iat`` to ``exp`` in words; empty if unknown.
        findings: The gravest first.
    """

    form: Form
    length: int
    profile: Profile
    told_by: str
    header: tuple[MemberRow, ...]
    claims: tuple[MemberRow, ...] | None
    payload: bytes | None
    signature_bytes: int | None
    lifetime: str
    findings: tuple[Finding, ...]

    @property
    def is_token(self) -> bool:
        """Whether there was a token to explain."""
        return self.form != "not_a_token"

    def has(self, severity: Severity) -> bool:
        """Whether there is a finding at least as grave."""
        grave = _ORDER[: _ORDER.index(severity) + 1]
        return any(finding.severity in grave for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it. ``signature_checked`` is always false."""
        return {
            "form": self.form,
            "length": self.length,
            "profile": self.profile.name,
            "profile_told_by": self.told_by,
            "signature_checked": False,
            "signature_bytes": self.signature_bytes,
            "lifetime": self.lifetime,
            "header": [row.as_dict() for row in self.header],
            "claims": None if self.claims is None else [row.as_dict() for row in self.claims],
            "payload": None if self.payload is None else self.payload.decode("utf-8", "replace"),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def explain(text: str | bytes, *, now: float, profile: str | None = None) -> Report:
    """Explain a token, or say what was given instead of one. Nothing is verified.

    Args:
        text: The token, with or without what people paste around it. Anything at all may be given.
        now: The moment that its times are compared with, seconds since the epoch.
        profile: The kind of token to expect, a name in ``PROFILES``; None tells it by the token.

    Raises:
        KeyError: ``profile`` is none of ``PROFILES``.
    """
    expected = None if profile is None else PROFILES[profile]
    unwrapped = unwrap(text)
    length = len(unwrapped.token)
    if length > MAX_INPUT_LENGTH:
        parts = TokenParts("not_a_token", findings=(find("input_too_large", "token", length=length),))
    else:
        parts = take_apart(unwrapped.token)
    claims = parts.claims or {}
    detected, told_by = detect_profile(parts.header, claims) if expected is None else (expected, "you")
    findings = list(parts.findings)
    if parts.form != "not_a_token":
        findings += _findings(parts, detected, length, now)
        if unwrapped.found_in:
            findings.append(find("input_unwrapped", "token", around=" and ".join(unwrapped.found_in)))
    return Report(
        form=parts.form,
        length=length,
        profile=detected,
        told_by=told_by,
        header=tuple(
            MemberRow(name, value, *describe_member(name, value)) for name, value in parts.header.items()
        ),
        claims=None
        if parts.claims is None
        else tuple(_claim_row(name, value, now) for name, value in claims.items()),
        payload=parts.payload if parts.claims is None else None,
        signature_bytes=None if parts.signature is None else len(parts.signature),
        lifetime=_lifetime(claims),
        findings=tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity))),
    )


def _findings(parts: TokenParts, profile: Profile, length: int, now: float) -> list[Finding]:
    findings: list[Finding] = []
    if length > MAX_TOKEN_LENGTH:
        findings.append(find("token_too_large", "token", length=length, limit=MAX_TOKEN_LENGTH))
    elif length > _COOKIE_LENGTH:
        findings.append(find("token_large", "token", length=length))
    findings += header_findings(parts, profile)
    findings += hidden_character_findings(parts.header, "header")
    if parts.claims is not None:
        findings += claims_findings(parts.claims, profile)
        findings += time_findings(parts.claims, profile, now)
        findings += hidden_character_findings(parts.claims, "claims")
    return findings


def _claim_row(name: str, value: Any, now: float) -> MemberRow:
    claim = CLAIMS.get(name)
    if claim is None:
        return MemberRow(name, value, "", "")
    if claim.kind != "date" or not is_number(value):
        return MemberRow(name, value, claim.meaning, claim.reference)
    moment = read_moment(value, now)
    ahead, passed = _MARKS.get(name, ("", ""))
    mark = ahead if moment.ahead > 0 else passed
    return MemberRow(name, value, claim.meaning, claim.reference, moment, mark)


def _lifetime(claims: Any) -> str:
    expires, issued = claims.get("exp"), claims.get("iat")
    if not (is_number(expires) and is_number(issued)) or expires <= issued:
        return ""
    return duration_words(expires - issued)
