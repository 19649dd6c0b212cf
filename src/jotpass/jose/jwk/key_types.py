"""The key types, and what each does with the cryptographic library (RFC 7518 s6.1, RFC 8037 s2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from jotpass.jose.jwk import elliptic_curve, octet_key_pair, octet_sequence, rsa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jotpass.jose.jwk.material import Material, PrivateKey, PublicKey

READERS: Final[Mapping[str, Callable[[Mapping[str, object]], Material]]] = {
    "oct": octet_sequence.read_octet_sequence,
    "RSA": rsa.read_rsa,
    "EC": elliptic_curve.read_elliptic_curve,
    "OKP": octet_key_pair.read_octet_key_pair,
}
"""By ``kty``: JWK members to key material."""

PRIVATE_MEMBERS: Final[Mapping[str, frozenset[str]]] = {
    "oct": octet_sequence.PRIVATE_MEMBERS,
    "RSA": rsa.PRIVATE_MEMBERS,
    "EC": elliptic_curve.PRIVATE_MEMBERS,
    "OKP": octet_key_pair.PRIVATE_MEMBERS,
}
"""By ``kty``: the members that no public JWK holds."""


def kty_and_crv(public: bytes | PublicKey) -> tuple[str, str | None]:
    """Name the key type and the curve.

    Raises:
        KeyUnsupported: The curve is not one of ours.
    """
    match public:
        case bytes():
            return "oct", None
        case RSAPublicKey():
            return "RSA", None
        case EllipticCurvePublicKey():
            return "EC", elliptic_curve.crv_of(public)
        case _:
            return "OKP", octet_key_pair.crv_of(public)


def check_public_key(public: PublicKey) -> None:
    """Refuse weak keys.

    Raises:
        KeyInvalid: Not the encoding of a point.
        KeyWeak: Too short, of small order, or made by a broken generator.
        KeyUnsupported: An RSA key beyond the limit.
    """
    match public:
        case RSAPublicKey():
            rsa.check_rsa(public)
        case EllipticCurvePublicKey():
            pass  # The library refuses what is not on the curve, and these curves have no small subgroups.
        case _:
            octet_key_pair.check_octet_key_pair(public)


def public_members(public: PublicKey) -> dict[str, str]:
    """Return the members that define the public key: those that a thumbprint covers, without ``kty``."""
    match public:
        case RSAPublicKey():
            return rsa.write_rsa(public)
        case EllipticCurvePublicKey():
            return elliptic_curve.write_elliptic_curve(public)
        case _:
            return octet_key_pair.write_octet_key_pair(public)


def private_members(private: PrivateKey) -> dict[str, str]:
    """Return the private members alone."""
    match private:
        case RSAPrivateKey():
            return rsa.write_private_rsa(private)
        case EllipticCurvePrivateKey():
            return elliptic_curve.write_private_elliptic_curve(private)
        case _:
            return octet_key_pair.write_private_octet_key_pair(private)


def generate_private_key(kty: str, crv: str | None) -> PrivateKey:
    """Make a new private key: RSA with 2048 bits, the others on their curve."""
    if kty == "RSA":
        return rsa.generate_rsa()
    if kty == "EC" and crv is not None:
        return elliptic_curve.generate_elliptic_curve(crv)
    if kty == "OKP" and crv is not None:
        return octet_key_pair.generate_octet_key_pair(crv)
    raise ValueError(f"no {kty} key can be generated")
