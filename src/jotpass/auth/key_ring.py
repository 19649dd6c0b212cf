"""Which keys sign and verify: derived from SECRET_KEY, one key ring for each purpose and issuer.

Access and refresh tokens never share a key, so neither can stand for the other whatever their claims say.
SECRET_KEY_FALLBACKS keep verifying what was signed before SECRET_KEY changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from jotpass.keys.derived import derive_key_ring

if TYPE_CHECKING:
    from jotpass.keys.key_ring import KeyRing

ACCESS_TOKEN_PURPOSE: Final = "access_token"
REFRESH_TOKEN_PURPOSE: Final = "refresh_token"


def access_key_ring(issuer: str) -> KeyRing:
    """Return the keys of access tokens of this issuer."""
    return derive_key_ring(_secrets(), purpose=ACCESS_TOKEN_PURPOSE, issuer=issuer)


def refresh_key_ring(issuer: str) -> KeyRing:
    """Return the keys of refresh tokens of this issuer: HMAC keys, whatever signs the access tokens."""
    return derive_key_ring(_secrets(), purpose=REFRESH_TOKEN_PURPOSE, issuer=issuer)


def _secrets() -> tuple[str | bytes, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
