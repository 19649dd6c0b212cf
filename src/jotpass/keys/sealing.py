"""Private keys at rest: AES-GCM (NIST SP 800-38D) under keys derived (HKDF, RFC 5869) from the secrets.

What is sealed opens under its own name and issuer alone, so no row can stand in for another.
"""

from __future__ import annotations

import base64
import json
import os
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jotpass.jose import JoseError, Key
from jotpass.keys.hidden import HiddenBytes, Secrets

_INFO: Final = b"jotpass\x00signing_keys"
_NONCE_BYTES: Final = 12


class SealBroken(Exception):
    """No secret opens it, or what is inside is not the key that it should be."""


class Opened(NamedTuple):
    """A key that was sealed, and which secret opened it: 0 is the newest."""

    key: Key
    secret: int


def seal_key(key: Key, secrets: Secrets, *, issuer: str) -> str:
    """Seal a key with all that it has: the private part if it is private.

    Args:
        key: An asymmetric key with a ``kid``.
        secrets: The first one seals.
        issuer: Whose key it is.
    """
    text = HiddenBytes(json.dumps(key.to_jwk(private=key.is_private)).encode())
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + _cipher(secrets[0]).encrypt(nonce, text, _bound_to(issuer, str(key.kid)))
    return base64.urlsafe_b64encode(sealed).decode()


@lru_cache(maxsize=256)
def open_key(sealed: str, secrets: Secrets, *, issuer: str, kid: str) -> Opened:
    """Open a sealed key.

    Raises:
        SealBroken: Under each of the secrets.
    """
    try:
        content = base64.urlsafe_b64decode(sealed)
    except ValueError:
        raise SealBroken from None
    for position, secret in enumerate(secrets):
        try:
            nonce, rest = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
            text = HiddenBytes(_cipher(secret).decrypt(nonce, rest, _bound_to(issuer, kid)))
            return Opened(Key.from_jwk(text), position)
        except (InvalidTag, ValueError, JoseError):
            continue
    raise SealBroken


@lru_cache(maxsize=16)
def _cipher(secret: HiddenBytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=_INFO).derive(secret))


def _bound_to(issuer: str, kid: str) -> bytes:
    return json.dumps([issuer, kid]).encode()
