"""Durations, moments and members as people write them."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.cli.value_types import Duration, Member, Moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("300", 300),
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5_400),
        ("14d", 1_209_600),
        ("2w", 1_209_600),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    """Seconds, or numbers with units."""
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize(
    "text",
    ["2026-08-01T08:00:00Z", "2026-08-01T10:00:00+02:00", "2026-08-01 08:00", "1785571200", "1785571200.0"],
)
def test_moments(text: str) -> None:
    """ISO 8601, in UTC unless it says otherwise, or seconds since the epoch."""
    assert Moment().convert(text, None, None) == 1_785_571_200


@given(st.text())
def test_any_text_is_a_value_or_a_mistake_of_usage(text: str) -> None:
    """No text is a traceback."""
    for kind in (Duration(), Moment(), Member()):
        try:
            kind.convert(text, None, None)
        except click.UsageError:
            continue
