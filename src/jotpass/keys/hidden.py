"""Secrets that do not show themselves: reports of errors print the variables of every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class HiddenText(str):
    """Text that prints as dots."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say nothing."""
        return "'...'"


class HiddenBytes(bytes):
    """Bytes that print as dots."""

    def __repr__(self) -> str:
        """Say nothing."""
        return "b'...'"


class Secrets(tuple[HiddenBytes, ...]):
    """The secret that signs and seals, then the older ones that still count, newest first."""

    __slots__ = ()

    def __new__(cls, secrets: Iterable[str | bytes]) -> Self:
        """Take secrets as they are written in settings."""
        texts = (secret.encode() if isinstance(secret, str) else secret for secret in secrets)
        return super().__new__(cls, map(HiddenBytes, texts))
