"""HMAC keys derived from an application's own secrets: HKDF (RFC 5869), one key for each purpose."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jotpass.jose import Key, KeySet
from jotpass.keys.hidden import HiddenBytes, Secrets
from jotpass.keys.key_ring import KeyRing

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEY_BYTES = 32
_KID_BYTES = 9


@lru_cache(maxsize=64)
def derive_key_ring(secrets: tuple[str | bytes, ...], *, purpose: str, issuer: str) -> KeyRing:
    """Derive the HS256 keys of one purpose and issuer.

    Keys of two purposes, or of two issuers, are unrelated: a token of one never verifies as the other.

    Args:
        secrets: The secret that signs, then the older ones that still verify, newest first.
        purpose: What the key is for, such as ``access_token``.
        issuer: The ``iss`` of the tokens it signs.

    Returns:
        A ring whose keys are named by a ``kid`` that tells nothing of the secret.
    """
    keys = _distinct(_derive_key(secret, purpose, issuer) for secret in Secrets(secrets))
    return KeyRing(signing=keys[0], verification=KeySet(keys))


def _derive_key(secret: HiddenBytes, purpose: str, issuer: str) -> Key:
    info = b"\x00".join((b"jotpass", purpose.encode(), issuer.encode()))
    derived = HiddenBytes(HKDF(SHA256(), _KEY_BYTES + _KID_BYTES, salt=None, info=info).derive(secret))
    kid = base64.urlsafe_b64encode(derived[_KEY_BYTES:]).decode()
    return Key.from_secret(derived[:_KEY_BYTES], alg="HS256", kid=kid)


def _distinct(keys: Iterable[Key]) -> list[Key]:
    return list({key.kid: key for key in keys}.values())
