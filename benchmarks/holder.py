"""Somebody who exchanges a refresh token for the next, again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Holder:
    """Somebody who holds a refresh token and exchanges it for the next, again and again.

    Args:
        token: The first.
        exchange: Takes the present one and returns the next.
    """

    def __init__(self, token: str, exchange: Callable[[str], str]) -> None:
        self._token = token
        self._exchange = exchange

    def __call__(self) -> None:
        """Exchange it."""
        token = self._exchange(self._token)
        assert token != self._token
        self._token = token
