"""Symmetric keys as a JWK member (RFC 7518 s6.4), and which secrets are fit to be one."""

from __future__ import annotations

import json
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING, Final

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_encode
from jotpass.jose.errors import KeyInvalid, KeyWeak
from jotpass.jose.jwk.parameters import read_octets
from jotpass.jose.jwk.pem import is_asymmetric_key

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_BYTES: Final = 32
"""Of a secret that is bound to no algorithm: what HS256 needs."""

MINIMUM_ENCRYPTION_BYTES: Final = 16
"""Of a secret for encryption: what A128GCM and A128KW need (RFC 7518 s4, s5)."""

PRIVATE_MEMBERS: Final = frozenset({"k"})

_TO_STANDARD_BASE64: Final = bytes.maketrans(b"-_", b"+/")
_WHITE_SPACE: Final = re.compile(rb"\s+")


def read_octet_sequence(members: Mapping[str, object]) -> bytes:
    """Return the secret.

    Raises:
        KeyInvalid: ``k`` is missing or not canonical base64url.
    """
    return read_octets(members, "k")


def write_octet_sequence(secret: bytes) -> dict[str, str]:
    """Return the one member, which is private."""
    return {"k": b64url_encode(secret)}


def check_secret(secret: bytes, alg: str | None, use: str | None, *, allow_weak: bool) -> None:
    """Refuse secrets that are too short, or really another kind of key (RFC 7518 s3.2, RFC 8725 s3.5).

    An HMAC under somebody's public key is an HMAC under a secret that everybody knows. So what can be read as
    a key, or as a set of keys, is no secret, however it is wrapped and whatever is allowed.

    Raises:
        KeyWeak: Shorter than the hash of ``alg``, or than 32 bytes without one; empty in any case.
        KeyInvalid: PEM, DER, OpenSSH or JWK key material.
    """
    minimum = 1 if allow_weak else _minimum_length(alg, use)
    if len(secret) < minimum:
        raise KeyWeak(f"the secret must have at least {minimum} bytes")
    if _is_key_document(secret):
        raise KeyInvalid("the secret is a PEM, DER, OpenSSH or JWK key: use from_pem, from_der or from_jwk")


def _minimum_length(alg: str | None, use: str | None) -> int:
    row = SIGNATURE_ALGORITHMS.get(alg) if alg is not None else None
    if row is not None:
        return row.minimum_secret_bytes
    # Another alg is one of encryption or unknown: the key is bound to it and signs nothing.
    return MINIMUM_ENCRYPTION_BYTES if alg is not None or use == "enc" else MINIMUM_BYTES


def _is_key_document(secret: bytes) -> bool:
    document = secret.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _is_jwk(document) or is_asymmetric_key(document) or is_asymmetric_key(_unarmoured(document))


def _is_jwk(secret: bytes) -> bool:
    if secret[:1] != b"{":
        return False
    try:
        document = json.loads(secret)
    except (ValueError, RecursionError):
        return False
    return "kty" in document or "keys" in document


def _unarmoured(secret: bytes) -> bytes:
    """Undo base64: the body of a PEM without its frame."""
    body = _WHITE_SPACE.sub(b"", secret).translate(_TO_STANDARD_BASE64, b"=")
    try:
        return a2b_base64(body + b"==", strict_mode=False)
    except Base64Error:
        return b""
