"""Octet Key Pairs as JWK members: Ed25519, Ed448, X25519, X448 (RFC 8037 s2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from jotpass.jose.base64url import b64url_encode
from jotpass.jose.errors import KeyInvalid, KeyUnsupported, KeyWeak
from jotpass.jose.jwk.edwards import check_edwards_point
from jotpass.jose.jwk.parameters import read_octets, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jotpass.jose.jwk.material import OkpPrivateKey, OkpPublicKey

PRIVATE_MEMBERS: Final = frozenset({"d"})


@dataclass(frozen=True, slots=True)
class _Subtype:
    """One ``crv``: its classes and the length of both halves in bytes."""

    public: type[OkpPublicKey]
    private: type[OkpPrivateKey]
    size: int


_SUBTYPES: Final = {
    "Ed25519": _Subtype(Ed25519PublicKey, Ed25519PrivateKey, 32),
    "Ed448": _Subtype(Ed448PublicKey, Ed448PrivateKey, 57),
    "X25519": _Subtype(X25519PublicKey, X25519PrivateKey, 32),
    "X448": _Subtype(X448PublicKey, X448PrivateKey, 56),
}


def generate_octet_key_pair(crv: str) -> OkpPrivateKey:
    """Make a private key of a subtype of the table."""
    return _SUBTYPES[crv].private.generate()


def read_octet_key_pair(members: Mapping[str, object]) -> OkpPublicKey | OkpPrivateKey:
    """Build the key from its members; with ``d``, ``x`` must belong to it.

    Raises:
        KeyInvalid: Members are missing, malformed or contradict each other.
        KeyUnsupported: The subtype is not one of ours.
    """
    subtype = _SUBTYPES.get(read_text(members, "crv"))
    if subtype is None:
        raise KeyUnsupported("this curve is not supported")
    x = read_octets(members, "x", subtype.size)
    try:
        if "d" not in members:
            return subtype.public.from_public_bytes(x)
        key = subtype.private.from_private_bytes(read_octets(members, "d", subtype.size))
    except UnsupportedAlgorithm:
        raise KeyUnsupported("this curve is not supported by the cryptographic library") from None
    if key.public_key().public_bytes_raw() != x:
        raise KeyInvalid("x does not belong to d")
    return key


def write_octet_key_pair(key: OkpPublicKey) -> dict[str, str]:
    """Return the public members."""
    return {"crv": crv_of(key), "x": b64url_encode(key.public_bytes_raw())}


def write_private_octet_key_pair(key: OkpPrivateKey) -> dict[str, str]:
    """Return the private member."""
    return {"d": b64url_encode(key.private_bytes_raw())}


def crv_of(key: OkpPublicKey) -> str:
    """Return the subtype's name in a JWK."""
    return next(crv for crv, subtype in _SUBTYPES.items() if isinstance(key, subtype.public))


def check_octet_key_pair(key: OkpPublicKey) -> None:
    """Refuse what is not a point of the curve, or one of small order.

    Raises:
        KeyInvalid: Not the encoding of a point.
        KeyWeak: A point of small order.
    """
    try:
        if isinstance(key, X25519PublicKey):
            X25519PrivateKey.generate().exchange(key)
        elif isinstance(key, X448PublicKey):
            X448PrivateKey.generate().exchange(key)
        else:
            check_edwards_point(crv_of(key), key.public_bytes_raw())
    except ValueError:
        # Private keys are multiples of the cofactor: only a point of small order gives the refused zero.
        raise KeyWeak("x is a point of small order") from None
