"""Dates in words (RFC 7519 s2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.inspection.numeric_date import duration_words, is_number, iso_date, read_moment, relative_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (0.9, "0 seconds"),
        (1, "1 second"),
        (300, "5 minutes"),
        (301, "5 minutes 1 second"),
        (3_605, "1 hour"),
        (5_400, "1 hour 30 minutes"),
        (14 * 86_400, "14 days"),
        (365 * 86_400, "1 year"),
        (10**12, "more than 10,000 years"),
    ],
)
def test_a_duration_in_its_two_largest_units(seconds: float, words: str) -> None:
    """Two units say enough."""
    assert duration_words(seconds) == words


def test_a_moment_is_in_the_future_past_or_now() -> None:
    """Relative words lead with the direction."""
    assert (relative_words(240), relative_words(-10_800), relative_words(0.5)) == (
        "in 4 minutes",
        "3 hours ago",
        "now",
    )


def test_dates_are_utc_and_end_where_calendars_do() -> None:
    """A NumericDate beyond the year 9999 has no date."""
    assert iso_date(1_785_571_200) == "2026-08-01T08:00:00Z"
    assert iso_date(10**20) is None
    assert iso_date(-(10**20)) is None


@pytest.mark.parametrize("value", [True, None, "5", [], float("inf"), float("nan")])
def test_what_is_no_number(value: object) -> None:
    """True is no number, though Python thinks so."""
    assert not is_number(value)


@given(st.one_of(st.integers(-(10**100), 10**100), st.floats(allow_nan=False, allow_infinity=False)))
def test_every_number_is_some_moment(value: float) -> None:
    """Any number that JSON can carry has words."""
    assert read_moment(value, 1_785_571_200).relative
