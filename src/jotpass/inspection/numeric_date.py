"""NumericDate for people: a date, and how far it is from now in words (RFC 7519 s2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Final

YEAR: Final = 365 * 86_400
_UNITS: Final = (("year", YEAR), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_MINIMUM_YEARS_FOR_MILLISECONDS: Final = 1_000
"""A NumericDate that lies this far ahead was meant in milliseconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One NumericDate.

    Attributes:
        iso: The date in ISO 8601, in UTC; None where no calendar reaches.
        relative: ``in 4 minutes``, ``3 hours ago``, ``now``.
        ahead: Seconds from now; negative for the past.
    """

    iso: str | None
    relative: str
    ahead: float


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number; ``true`` is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def read_moment(value: float, now: float) -> Moment:
    """Say when a NumericDate is."""
    ahead = float(value) - now
    return Moment(iso_date(value), relative_words(ahead), ahead)


def iso_date(value: float) -> str | None:
    """Write a NumericDate as ISO 8601 in UTC, to the second; None if it is outside the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return None


def relative_words(ahead: float) -> str:
    """Say a distance from now."""
    words = duration_words(abs(ahead))
    if words == "0 seconds":
        return "now"
    return f"in {words}" if ahead > 0 else f"{words} ago"


def duration_words(seconds: float) -> str:
    """Say a number of seconds in its two largest units: ``5 minutes``, ``1 day 12 hours``."""
    rest = int(seconds)
    if rest >= 10_000 * YEAR:
        return "more than 10,000 years"
    words: list[str] = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count:,} {name}{'' if count == 1 else 's'}")
        if words and (len(words) == 2 or not count):  # noqa: PLR2004 - two units say enough
            break
    return " ".join(words) or "0 seconds"


def looks_like_milliseconds(value: float, now: float) -> bool:
    """Whether a NumericDate makes sense as milliseconds alone."""
    return value > now + _MINIMUM_YEARS_FOR_MILLISECONDS * YEAR and abs(value / 1000 - now) < 100 * YEAR
