"""What a Claims Set gives away, time apart: what is missing, of the wrong type, private or secret. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jotpass.inspection.claim_catalog import CLAIMS, PERSONAL_CLAIMS, expectation, fits
from jotpass.inspection.finding_kind import Severity
from jotpass.inspection.findings import find
from jotpass.inspection.visible_text import has_hidden_characters, shorten, visible_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jotpass.inspection.findings import Finding
    from jotpass.inspection.profiles import Profile

_REGISTERED: Final = frozenset({"iss", "sub", "aud", "exp", "iat", "jti"})
"""Claims whose absence has a row of its own."""
_NUMERIC: Final = re.compile(r"\s*-?\d{1,20}(\.\d{1,20})?\s*")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\.[^@\s.]{2,63}")
_SECRET_NAME: Final = re.compile(
    r"passw(or)?d|passphrase|secret|api[_-]?key|private[_-]?key|credit[_-]?card|\bcvv\b|\bssn\b",
    re.IGNORECASE,
)
_EXACT_INTEGER: Final = 2**53
_WILDCARDS: Final = frozenset({"*", "any", "all"})
_NAMES_SHOWN: Final = 8
_NAME_LENGTH: Final = 60
_LONGEST_EMAIL: Final = 320
_VALUES_SEARCHED: Final = 2_000


def claims_findings(claims: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    """Find what is to be said about the claims of one token."""
    yield from _presence_findings(claims, profile)
    yield from _type_findings(claims)
    yield from _audience_findings(claims.get("aud"))
    yield from _privacy_findings(claims)
    issuer = claims.get("iss")
    if profile.names_issuer and isinstance(issuer, str) and not issuer.startswith("https://"):
        yield find("iss_not_https", "claims.iss")
    imprecise = [
        name for name, value in claims.items() if isinstance(value, int) and abs(value) > _EXACT_INTEGER
    ]
    if imprecise:
        yield find("number_imprecise", "claims", names=_name_list(imprecise))


def hidden_character_findings(members: Mapping[str, Any] | None, where: str) -> Iterator[Finding]:
    """Find text that would hide from a reader, or act on a terminal, anywhere in an object."""
    if members is not None and any(map(has_hidden_characters, _texts(members))):
        yield find("hidden_characters", where)


def _presence_findings(claims: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    for name in (*profile.required, *profile.advised):
        if name in claims:
            continue
        severity = Severity.ERROR if name in profile.required else Severity.WARNING
        if name in _REGISTERED:
            yield find(f"{name}_missing", f"claims.{name}", severity=severity)
        else:
            where = f"claims.{name}"
            yield find("claim_missing", where, severity=severity, name=name, profile=profile.title)
    for name in profile.forbidden:
        if name in claims:
            yield find("claim_forbidden", f"claims.{name}", name=name, profile=profile.title)


def _type_findings(claims: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in claims.items():
        claim = CLAIMS.get(name)
        if claim is None or fits(claim.kind, value):
            continue
        if claim.kind == "date" and isinstance(value, str) and _NUMERIC.fullmatch(value):
            yield find("numeric_date_string", f"claims.{name}", name=name)
        else:
            yield find("claim_wrong_type", f"claims.{name}", name=name, expected=expectation(claim.kind))


def _audience_findings(audience: object) -> Iterator[Finding]:
    names = [audience] if isinstance(audience, str) else audience
    if not isinstance(names, list):
        return
    if not any(names):
        yield find("aud_empty", "claims.aud")
    if any(isinstance(name, str) and name.strip().lower() in _WILDCARDS for name in names):
        yield find("aud_wildcard", "claims.aud")


def _privacy_findings(claims: Mapping[str, Any]) -> Iterator[Finding]:
    subject = claims.get("sub")
    if isinstance(subject, str) and len(subject) <= _LONGEST_EMAIL and _EMAIL.fullmatch(subject):
        yield find("sub_is_email", "claims.sub")
    if personal := [name for name in claims if name in PERSONAL_CLAIMS]:
        yield find("personal_data", "claims", names=_name_list(personal))
    if secret := [
        name for name, value in claims.items() if isinstance(value, str) and value and _names_secret(name)
    ]:
        yield find("secret_in_claims", "claims", names=_name_list(secret))


def _names_secret(name: str) -> bool:
    return len(name) <= _NAME_LENGTH and _SECRET_NAME.search(name) is not None


def _texts(value: object) -> Iterator[str]:
    """Every string in a JSON value, names included, up to a bound."""
    waiting, seen = [value], 0
    while waiting and seen < _VALUES_SEARCHED:
        item = waiting.pop()
        seen += 1
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item


def _name_list(names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(visible_text(shorten(name, _NAME_LENGTH)) for name in every[:_NAMES_SHOWN])
    return shown + (", ..." if len(every) > _NAMES_SHOWN else "")
