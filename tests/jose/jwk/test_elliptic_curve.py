"""Elliptic Curve keys: points, private values, lengths (RFC 7518 s6.2, RFC 8812 s3)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from jotpass.jose.base64url import b64url_decode, b64url_encode
from jotpass.jose.errors import KeyInvalid, KeyUnsupported
from jotpass.jose.jwk.key import Key
from tests.jose.jwk.sample_keys import members

SIZES = {"ES256": 32, "ES384": 48, "ES512": 66, "ES256K": 32}
ORDERS = {
    "ES256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ES256K": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
}
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1(), "ES256K": ec.SECP256K1()}


@pytest.mark.parametrize("alg", SIZES)
def test_lengths_are_fixed(alg: str) -> None:
    """x, y and d have the curve's length, leading zeros included (RFC 7518 s6.2.1.2, s6.2.2.1)."""
    small = Key(ec.derive_private_key(1, CURVES[alg])).to_jwk(private=True)

    assert [len(b64url_decode(str(small[name]))) for name in ("x", "y", "d")] == [SIZES[alg]] * 3
    assert Key.from_jwk(small).to_jwk(private=True) == small


@pytest.mark.parametrize("alg", SIZES)
@pytest.mark.parametrize("name", ["x", "y", "d"])
def test_other_lengths_are_refused(alg: str, name: str) -> None:
    """A coordinate or private value with a byte too many or too few is refused, even if it is a zero."""
    jwk = Key(ec.derive_private_key(1, CURVES[alg])).to_jwk(private=True)
    octets = b64url_decode(str(jwk[name]))

    for wrong in (b"\x00" + octets, octets[1:], octets + b"\x00", b""):
        with pytest.raises(KeyInvalid):
            Key.from_jwk({**jwk, name: b64url_encode(wrong)})


@pytest.mark.parametrize("alg", SIZES)
def test_points_off_the_curve_are_refused(alg: str) -> None:
    """Invalid curve attack: a key that is not a point of its curve is not imported (CVE-2017-12974)."""
    jwk = members(alg)
    zero = b64url_encode(bytes(SIZES[alg]))

    for change in ({"x": jwk["y"], "y": jwk["x"]}, {"x": zero, "y": zero}, {"y": zero}):
        with pytest.raises(KeyInvalid):
            Key.from_jwk({**jwk, **change})


def test_point_of_another_curve_is_refused() -> None:
    """A P-256 point does not become one of secp256k1 by its name."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("ES256"), "crv": "secp256k1", "alg": "ES256K"})


@pytest.mark.parametrize("alg", SIZES)
def test_public_half_must_belong_to_the_private_one(alg: str) -> None:
    """A d beside somebody else's x and y is refused: the thumbprint would be forged (RFC 7638)."""
    jwk, other = members(alg, private=True), Key.generate(alg).to_jwk(private=True)

    for name in ("x", "y", "d"):
        with pytest.raises(KeyInvalid):
            Key.from_jwk({**jwk, name: other[name]})
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**jwk, "d": other["d"]})


@pytest.mark.parametrize("alg", ORDERS)
def test_private_value_is_in_range(alg: str) -> None:
    """D lies between 1 and the order of the curve."""
    jwk = members(alg, private=True)

    for d in (0, ORDERS[alg], ORDERS[alg] + 1, 2**256 - 1):
        with pytest.raises(KeyInvalid):
            Key.from_jwk({**jwk, "d": b64url_encode(d.to_bytes(32))})


@pytest.mark.parametrize(
    "crv", ["P-192", "P-224", "brainpoolP256r1", "p-256", "P256", "Ed25519", "", "secp256r1"]
)
def test_other_curves_are_unsupported(crv: str) -> None:
    """Curves are four, and named as their RFC names them."""
    with pytest.raises(KeyUnsupported):
        Key.from_jwk({**members("ES256"), "crv": crv})


@pytest.mark.parametrize("name", ["crv", "x", "y"])
@pytest.mark.parametrize("value", [None, 5, [], {}, True])
def test_public_members_are_text(name: str, value: Any) -> None:
    """Crv, x and y are required strings."""
    jwk = members("ES256")

    with pytest.raises(KeyInvalid):
        Key.from_jwk({**jwk, name: value})
    del jwk[name]
    with pytest.raises(KeyInvalid):
        Key.from_jwk(jwk)
