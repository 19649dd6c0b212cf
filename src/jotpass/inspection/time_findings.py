"""What the times of a token say at a given moment (RFC 7519 s4.1.4 to s4.1.6). Pure: ``now`` comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jotpass.inspection.claim_catalog import CLAIMS
from jotpass.inspection.findings import find
from jotpass.inspection.numeric_date import (
    duration_words,
    is_number,
    looks_like_milliseconds,
    relative_words,
)
from jotpass.inspection.profiles import FAR_FUTURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jotpass.inspection.findings import Finding
    from jotpass.inspection.profiles import Profile

_CLOCK_TOLERANCE: Final = 60
"""Seconds by which two clocks may differ before it is worth a word."""


def time_findings(claims: Mapping[str, Any], profile: Profile, now: float) -> Iterator[Finding]:
    """Find what is to be said about the times of one token, at one moment."""
    dates = {name: value for name, value in claims.items() if _is_date(name) and is_number(value)}
    in_milliseconds = {name for name, value in dates.items() if looks_like_milliseconds(value, now)}
    for name in sorted(in_milliseconds):
        yield find("numeric_date_milliseconds", f"claims.{name}", name=name)
    known = {name: value for name, value in dates.items() if name not in in_milliseconds}
    expires, starts, issued = known.get("exp"), known.get("nbf"), known.get("iat")
    if expires is not None:
        yield from _expiry_findings(expires, now)
    if starts is not None and now < starts:
        yield find("not_yet_valid", "claims.nbf", relative=relative_words(starts - now))
    if issued is not None and issued > now + _CLOCK_TOLERANCE:
        yield find("iat_in_future", "claims.iat", relative=relative_words(issued - now))
    if expires is not None:
        yield from _span_findings(expires, starts, issued, profile)


def _expiry_findings(expires: float, now: float) -> Iterator[Finding]:
    if now >= expires:
        yield find("expired", "claims.exp", relative=relative_words(expires - now))
    elif expires > now + FAR_FUTURE:
        yield find("exp_far_future", "claims.exp", relative=relative_words(expires - now))


def _span_findings(
    expires: float, starts: float | None, issued: float | None, profile: Profile
) -> Iterator[Finding]:
    for name, start in (("nbf", starts), ("iat", issued)):
        if start is not None and expires <= start:
            yield find("exp_before_start", "claims.exp", name=name)
            return
    if issued is not None and expires - issued > profile.maximum_lifetime:
        yield find(
            "lifetime_long",
            "claims.exp",
            lifetime=duration_words(expires - issued),
            profile=profile.title,
            limit=duration_words(profile.maximum_lifetime),
        )


def _is_date(name: str) -> bool:
    claim = CLAIMS.get(name)
    return claim is not None and claim.kind == "date"
