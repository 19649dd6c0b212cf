"""Elliptic Curve keys as JWK members (RFC 7518 s6.2; secp256k1 by RFC 8812 s3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
    derive_private_key,
    generate_private_key,
)

from jotpass.jose.base64url import b64url_encode
from jotpass.jose.errors import KeyInvalid, KeyUnsupported
from jotpass.jose.jwk.parameters import read_octets, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE_MEMBERS: Final = frozenset({"d"})

_CURVES: Final[Mapping[str, EllipticCurve]] = {
    "P-256": SECP256R1(),
    "P-384": SECP384R1(),
    "P-521": SECP521R1(),
    "secp256k1": SECP256K1(),
}
_CRV_BY_CURVE: Final = {curve.name: crv for crv, curve in _CURVES.items()}


def generate_elliptic_curve(crv: str) -> EllipticCurvePrivateKey:
    """Make a private key on a curve of the table."""
    return generate_private_key(_CURVES[crv])


def read_elliptic_curve(members: Mapping[str, object]) -> EllipticCurvePublicKey | EllipticCurvePrivateKey:
    """Build the key from its members; the point must lie on the curve and, with ``d``, belong to it.

    Raises:
        KeyInvalid: Members are missing, malformed or contradict each other.
        KeyUnsupported: The curve is not one of ours.
    """
    curve = _CURVES.get(read_text(members, "crv"))
    if curve is None:
        raise KeyUnsupported("this curve is not supported")
    size = _coordinate_size(curve)
    x, y = (int.from_bytes(read_octets(members, name, size)) for name in ("x", "y"))
    point = EllipticCurvePublicNumbers(x, y, curve)
    try:
        if "d" not in members:
            return point.public_key()
        key = derive_private_key(int.from_bytes(read_octets(members, "d", size)), curve)
    except UnsupportedAlgorithm:
        raise KeyUnsupported("this curve is not supported by the cryptographic library") from None
    except ValueError:
        raise KeyInvalid("x and y are not a point of the curve, or d is out of range") from None
    if key.public_key().public_numbers() != point:
        raise KeyInvalid("x and y do not belong to d")
    return key


def write_elliptic_curve(key: EllipticCurvePublicKey) -> dict[str, str]:
    """Return the public members; coordinates keep their leading zeros (RFC 7518 s6.2.1.2)."""
    numbers, size = key.public_numbers(), _coordinate_size(key.curve)
    x, y = (b64url_encode(value.to_bytes(size)) for value in (numbers.x, numbers.y))
    return {"crv": crv_of(key), "x": x, "y": y}


def write_private_elliptic_curve(key: EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the private member; it keeps its leading zeros (RFC 7518 s6.2.2.1)."""
    return {"d": b64url_encode(key.private_numbers().private_value.to_bytes(_coordinate_size(key.curve)))}


def crv_of(key: EllipticCurvePublicKey) -> str:
    """Return the curve's name in a JWK.

    Raises:
        KeyUnsupported: The curve is not one of ours.
    """
    try:
        return _CRV_BY_CURVE[key.curve.name]
    except KeyError:
        raise KeyUnsupported("this curve is not supported") from None


def _coordinate_size(curve: EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
