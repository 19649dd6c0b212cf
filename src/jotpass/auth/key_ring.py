"""Which keys sign and verify: one key ring for each purpose and issuer.

Access and refresh tokens never share a key, so neither can stand for the other whatever their claims say.
With HS256 every key is derived from SECRET_KEY, and SECRET_KEY_FALLBACKS keep verifying what was signed
before it changed. With a key pair, the ring of access tokens is stored or given by the project; that of
refresh tokens stays as it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.given_keys import given_key_ring
from jotpass.auth.signing_keys import live_key_ring, longest_validity, secrets_of_project, stored_issuers
from jotpass.keys.derived import derive_key_ring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jotpass.auth.live_key_ring import LiveKeyRing
    from jotpass.jose import Key
    from jotpass.keys.hidden import Secrets
    from jotpass.keys.key_ring import KeyRing

DERIVED_ALGORITHM: Final = "HS256"
ACCESS_TOKEN_PURPOSE: Final = "access_token"
REFRESH_TOKEN_PURPOSE: Final = "refresh_token"


def access_key_ring(issuer: str) -> KeyRing | LiveKeyRing:
    """Return the keys of access tokens of this issuer."""
    if jotpass_settings.SIGNING_ALGORITHM == DERIVED_ALGORITHM:
        return _derived(issuer, secrets_of_project())
    if sources := jotpass_settings.SIGNING_KEYS:
        return _given(sources, jotpass_settings.SIGNING_ALGORITHM)
    return _stored(issuer, secrets_of_project())


def issuers_in_use() -> tuple[str, ...]:
    """Return whose keys of access tokens this process can be asked for, as far as is known."""
    stored = jotpass_settings.SIGNING_ALGORITHM != DERIVED_ALGORITHM and not jotpass_settings.SIGNING_KEYS
    if stored and jotpass_settings.SITE_RESOLVER is not None:
        return stored_issuers()
    return (jotpass_settings.ISSUER,)


def refresh_key_ring(issuer: str) -> KeyRing:
    """Return the keys of refresh tokens of this issuer: HMAC keys, whatever signs the access tokens."""
    return derive_key_ring(secrets_of_project(), purpose=REFRESH_TOKEN_PURPOSE, issuer=issuer)


@lru_cache(maxsize=256)
def _stored(issuer: str, secrets: Secrets) -> LiveKeyRing:
    """Return the one ring of an issuer in this process."""
    longest: float | None = None

    def before(seconds: float) -> Iterable[Key]:
        # What HS256 signed until the ring began lives out its time, and not a moment longer. Sessions are
        # asked for theirs once: those that began since are no matter.
        nonlocal longest
        if seconds > jotpass_settings.ACCESS_TOKEN_LIFETIME.total_seconds():
            longest = longest_validity().total_seconds() if longest is None else longest
            if seconds > longest:
                return ()
        return _derived(issuer, secrets).verification

    return live_key_ring(issuer, secrets, before)


@lru_cache(maxsize=16)
def _given(sources: tuple[str, ...], algorithm: str) -> LiveKeyRing:
    """Return the one ring of these sources in this process; issuers that share it differ in ``iss``."""
    return given_key_ring(sources, algorithm)


def _derived(issuer: str, secrets: Secrets) -> KeyRing:
    return derive_key_ring(secrets, purpose=ACCESS_TOKEN_PURPOSE, issuer=issuer)
