"""The keys of another issuer, fetched from its JWK_URL and kept (RFC 7517 s5).

They are read again when they are old, and at once for an unknown ``kid``, but not more often than the
cooldown allows: whoever sends made-up tokens does not send us to the issuer each time. While the issuer is
away, or somebody fetches, the last keys serve.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Final

from jotpass import jose
from jotpass.auth.patient_lock import PatientLock
from rest_framework_simplejwt.fetching import fetch

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PyJWKClient", "PyJWKClientError", "SigningKey"]

LIFESPAN: Final = 300.0
"""Seconds after which the keys are fetched again."""

COOLDOWN: Final = 30.0
"""Seconds between two attempts to fetch them."""

TIMEOUT: Final = 5.0
"""Seconds that a fetch may take."""

MAX_DOCUMENT: Final = 512 * 1024


try:
    # Where PyJWT is installed, a project may put its client in the place of ours: one name for both's errors.
    from jwt import PyJWKClientError
except ImportError:

    class PyJWKClientError(Exception):  # type: ignore[no-redef]
        """There is no key for a token, or the keys cannot be fetched."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key under the name by which callers of the incumbent's client ask for it."""

    key: jose.Key


class PyJWKClient:
    """Finds the key of a token among those of its issuer; shared between threads.

    Args:
        uri: Where the JWK Set is.
        clock: Seconds that never go back.

    Raises:
        ValueError: The URL is neither https nor http.
    """

    def __init__(self, uri: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Fetch nothing yet."""
        if not uri.lower().startswith(("https://", "http://")):
            raise ValueError("JWK_URL must begin with https:// or http://")
        self.uri = uri
        self._clock = clock
        self._lock = PatientLock(clock)
        self._keys: jose.KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")

    def get_signing_key_from_jwt(self, token: str | bytes) -> SigningKey:
        """Return the key that a token names by its ``kid``, or the one key there is.

        Raises:
            PyJWKClientError: There is none, or the token cannot be read.
        """
        try:
            kid = jose.peek_unverified(token).header.get("kid")
        except (jose.JoseError, TypeError):
            raise PyJWKClientError("the token cannot be read") from None
        found = self._find(kid, self._current())
        if found is None:
            # Worth waiting for, where somebody fetches already: the issuer may have a new key.
            found = self._find(kid, self._fetched_again(TIMEOUT))
        if found is None:
            raise PyJWKClientError("the issuer has no key for this token")
        return SigningKey(found)

    def _find(self, kid: object, keys: jose.KeySet | None) -> jose.Key | None:
        known = list(keys or ())
        if kid is None:
            return known[0] if len(known) == 1 else None
        return next((key for key in known if key.kid == kid), None)

    def _current(self) -> jose.KeySet | None:
        if self._clock() < self._fetched_at + LIFESPAN:
            return self._keys
        return self._fetched_again(TIMEOUT if self._keys is None else 0)

    def _fetched_again(self, patience: float) -> jose.KeySet | None:
        """Fetch the keys, or wait so many seconds at most for who does; else the last keys serve."""
        if not self._lock.acquire(patience):
            return self._keys
        try:
            if self._clock() >= self._tried_at + COOLDOWN:
                self._fetch()
            return self._keys
        finally:
            self._lock.release()

    def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            document = fetch(self.uri, seconds=TIMEOUT, most_octets=MAX_DOCUMENT)
            self._keys = jose.KeySet.from_json(document)
            self._fetched_at = self._tried_at
        except (OSError, HTTPException, ValueError, jose.JoseError) as error:
            if self._keys is None:
                raise PyJWKClientError("the issuer's keys cannot be fetched") from error
