"""Secrets that somebody could guess, and that no key is derived from (RFC 7518 s3.2, RFC 8725 s3.5)."""

from __future__ import annotations

from enum import Enum
from typing import Final

MIN_LENGTH: Final = 32
MIN_DISTINCT_CHARACTERS: Final = 10

_PLACEHOLDERS: Final = ("django-insecure", "changeme", "change-me", "change_me", "your-secret", "your_secret")
_PLACEHOLDER_BEGINNINGS: Final = ("secret", "insecure")


class Weakness(Enum):
    """What is wrong with a secret."""

    MISSING = "missing"
    PLACEHOLDER = "placeholder"
    GUESSABLE = "guessable"


def weakness_of(secret: str | bytes) -> Weakness | None:
    """Say what is wrong with a secret that keys are to be derived from; None when nothing is seen.

    A placeholder is one of the words that documentation and generators put where a secret belongs. What is
    left is guessable when it is short or made of few characters.
    """
    text = secret.decode("utf-8", "replace") if isinstance(secret, bytes) else secret
    if not text:
        return Weakness.MISSING
    lowered = text.lower()
    if lowered.startswith(_PLACEHOLDER_BEGINNINGS) or any(word in lowered for word in _PLACEHOLDERS):
        return Weakness.PLACEHOLDER
    if len(text) < MIN_LENGTH or len(set(text)) < MIN_DISTINCT_CHARACTERS:
        return Weakness.GUESSABLE
    return None
