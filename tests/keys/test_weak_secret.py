"""One rule for secrets that could be guessed, in the system check and in the ready-made server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.keys.weak_secret import MIN_DISTINCT_CHARACTERS, MIN_LENGTH, Weakness, weakness_of

GOOD = "9aTo4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf"


@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        ("", Weakness.MISSING),
        (b"", Weakness.MISSING),
        ("short", Weakness.GUESSABLE),
        (GOOD[: MIN_LENGTH - 1], Weakness.GUESSABLE),
        ("a" * 64, Weakness.GUESSABLE),
        ("abcdefghi" * 8, Weakness.GUESSABLE),
        ("django-insecure-" + GOOD, Weakness.PLACEHOLDER),
        (b"django-insecure-" + GOOD.encode(), Weakness.PLACEHOLDER),
        ("please-ChangeMe-" + GOOD, Weakness.PLACEHOLDER),
        ("your_secret_key_" + GOOD, Weakness.PLACEHOLDER),
        ("Secret" + GOOD, Weakness.PLACEHOLDER),
        ("insecure" + GOOD, Weakness.PLACEHOLDER),
        (GOOD, None),
        (GOOD.encode(), None),
        (b"\xff" + GOOD.encode(), None),
    ],
    ids=repr,
)
def test_what_is_wrong_with_a_secret(secret: str | bytes, weakness: Weakness | None) -> None:
    """Missing, a placeholder anywhere in it, short, or made of few characters."""
    assert weakness_of(secret) is weakness


@given(st.text() | st.binary())
def test_every_secret_is_judged(secret: str | bytes) -> None:
    """Whatever it is; a good one has its length and its variety."""
    if weakness_of(secret) is None:
        text = secret.decode("utf-8", "replace") if isinstance(secret, bytes) else secret
        assert len(text) >= MIN_LENGTH
        assert len(set(text)) >= MIN_DISTINCT_CHARACTERS
