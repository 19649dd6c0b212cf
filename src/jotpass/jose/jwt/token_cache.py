"""Tokens that a verifier has verified before, remembered by their exact text.

The key is the whole token, never a digest or a part of it. Only claims that cannot change are kept, and
whoever reads them judges their times again.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotpass.jose.jwt.claims import ClaimsSet


class TokenCache:
    """A bounded memory of verified tokens; the one verified longest ago makes room for a new one.

    Args:
        size: How many tokens it holds at most.

    Raises:
        TypeError: If ``size`` is not an integer.
        ValueError: If it is less than 1.
    """

    __slots__ = ("_lock", "_size", "_tokens", "get")

    def __init__(self, size: int) -> None:
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError("cache_size must be an integer")
        if size < 1:
            raise ValueError("cache_size must not be negative")
        self._size = size
        self._lock = Lock()
        self._tokens: dict[str, ClaimsSet] = {}
        self.get = self._tokens.get

    def put(self, token: str, claims: ClaimsSet) -> None:
        """Remember the claims of a token that was verified."""
        tokens = self._tokens
        with self._lock:
            if len(tokens) >= self._size and token not in tokens:
                del tokens[next(iter(tokens))]
            tokens[token] = claims
