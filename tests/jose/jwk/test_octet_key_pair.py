"""Octet Key Pairs, and the points of their curves that are no keys (RFC 8037, RFC 8032, RFC 7748)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.base64url import b64url_encode
from jotpass.jose.errors import JoseError, KeyInvalid, KeyUnsupported, KeyWeak
from jotpass.jose.jwk.edwards import check_edwards_point
from jotpass.jose.jwk.key import Key

P25519 = 2**255 - 19
P448 = 2**448 - 2**224 - 1
SIZES = {"Ed25519": 32, "Ed448": 57, "X25519": 32, "X448": 56}
# The y of two of the four points of order 8; the other two have its negative.
Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
LOW_ORDER_U25519 = (
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    P25519 - 1,
    P25519,
    P25519 + 1,
)

PRIVATE_KEYS = {
    "Ed25519": Ed25519PrivateKey,
    "Ed448": Ed448PrivateKey,
    "X25519": X25519PrivateKey,
    "X448": X448PrivateKey,
}


def jwk_of(crv: str) -> dict[str, object]:
    """A fresh private JWK."""
    return Key(PRIVATE_KEYS[crv].generate()).to_jwk(private=True)  # type: ignore[attr-defined]


def encode_point(y: int, sign: int, crv: str) -> bytes:
    """Encode a point of an Edwards curve as RFC 8032 s5.1.2 and s5.2.2 do."""
    size = SIZES[crv]
    return (y | sign << (8 * size - 1)).to_bytes(size, "little")


@pytest.mark.parametrize("crv", SIZES)
def test_round_trip(crv: str) -> None:
    """Every subtype is written and read again, private and public."""
    jwk = jwk_of(crv)
    key = Key.from_jwk(jwk)

    assert (key.kty, key.crv, key.is_private) == ("OKP", crv, True)
    assert key.to_jwk(private=True) == jwk
    assert Key.from_jwk(key.to_jwk()) == key.public_key()
    assert Key.from_pem(key.to_pem(private=True)) == key


@pytest.mark.parametrize("crv", SIZES)
@pytest.mark.parametrize("name", ["x", "d"])
def test_lengths_are_fixed(crv: str, name: str) -> None:
    """X and d have exactly the length of their subtype (RFC 8037 s2)."""
    jwk = jwk_of(crv)

    for size in (0, SIZES[crv] - 1, SIZES[crv] + 1):
        with pytest.raises(KeyInvalid):
            Key.from_jwk({**jwk, name: b64url_encode(b"\x01" * size)})


@pytest.mark.parametrize("crv", SIZES)
def test_public_half_must_belong_to_the_private_one(crv: str) -> None:
    """A d beside somebody else's x is refused: the thumbprint would be forged."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**jwk_of(crv), "x": jwk_of(crv)["x"]})


@pytest.mark.parametrize("value", [None, 1, [], {}, "A" * 42])
@pytest.mark.parametrize("name", ["x", "crv"])
def test_public_members_are_text(name: str, value: Any) -> None:
    """Crv and x are required strings."""
    jwk = Key.generate("Ed25519").to_jwk()

    with pytest.raises((KeyInvalid, KeyUnsupported)):
        Key.from_jwk({**jwk, name: value})
    del jwk[name]
    with pytest.raises(KeyInvalid):
        Key.from_jwk(jwk)


@pytest.mark.parametrize("crv", ["ed25519", "P-256", "Ed25519ph", ""])
def test_other_subtypes_are_unsupported(crv: str) -> None:
    """Subtypes are four, and case-sensitive."""
    with pytest.raises(KeyUnsupported):
        Key.from_jwk({"kty": "OKP", "crv": crv, "x": b64url_encode(bytes(32))})


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize(
    "y",
    [0, 1, P25519 - 1, Y_OF_ORDER_8, P25519 - Y_OF_ORDER_8, P25519, P25519 + 1],
)
def test_small_order_ed25519_keys_are_weak(y: int, sign: int) -> None:
    """The fourteen encodings of the eight torsion points are no public keys, canonical or not."""
    encoded = encode_point(y, sign, "Ed25519")
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64url_encode(encoded)}

    with pytest.raises(KeyWeak):
        Key.from_jwk(jwk)
    with pytest.raises(KeyWeak):
        Key(Ed25519PublicKey.from_public_bytes(encoded))


def test_small_order_key_would_verify_anything() -> None:
    """Why they are refused: under the identity the library accepts one signature for every message."""
    identity = Ed25519PublicKey.from_public_bytes(encode_point(1, 0, "Ed25519"))
    forged = encode_point(1, 0, "Ed25519") + bytes(32)

    accepted = 0
    for message in (b"pay 1", b"pay 1000"):
        try:
            identity.verify(forged, message)
        except InvalidSignature:
            continue
        accepted += 1
    assert accepted == 2


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [0, 1, P448 - 1, P448, P448 + 1])
def test_small_order_ed448_keys_are_weak(y: int, sign: int) -> None:
    """The torsion points of Ed448 are no public keys."""
    with pytest.raises(KeyWeak):
        Key.from_jwk({"kty": "OKP", "crv": "Ed448", "x": b64url_encode(encode_point(y, sign, "Ed448"))})


@pytest.mark.parametrize("u", LOW_ORDER_U25519)
def test_small_order_x25519_keys_are_weak(u: int) -> None:
    """Points that make every shared secret zero are no public keys (RFC 7748 s6.1)."""
    with pytest.raises(KeyWeak):
        Key.from_jwk({"kty": "OKP", "crv": "X25519", "x": b64url_encode(u.to_bytes(32, "little"))})


@pytest.mark.parametrize("u", [0, 1, P448 - 1, P448])
def test_small_order_x448_keys_are_weak(u: int) -> None:
    """Points that make every shared secret zero are no public keys (RFC 7748 s6.2)."""
    with pytest.raises(KeyWeak):
        Key.from_jwk({"kty": "OKP", "crv": "X448", "x": b64url_encode(u.to_bytes(56, "little"))})


@pytest.mark.parametrize("crv", ["Ed25519", "Ed448"])
def test_half_of_all_strings_are_no_points(crv: str) -> None:
    """An encoding whose x does not exist is refused; so is one whose y is not reduced."""
    refused = 0
    for y in range(2, 42):
        try:
            check_edwards_point(crv, encode_point(y, 0, crv))
        except KeyInvalid:
            refused += 1
    assert 8 <= refused <= 32
    with pytest.raises(KeyInvalid):
        check_edwards_point(crv, b"\xff" * SIZES[crv])


@given(st.binary(min_size=32, max_size=32))
def test_every_honest_ed25519_key_is_a_point(seed: bytes) -> None:
    """What the library derives from any seed passes."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()

    assert Key(key).verification_material == key


@given(st.binary(min_size=57, max_size=57))
def test_every_honest_ed448_key_is_a_point(seed: bytes) -> None:
    """What the library derives from any seed passes."""
    key = Ed448PrivateKey.from_private_bytes(seed).public_key()

    assert Key(key).verification_material == key


@given(st.binary(min_size=57, max_size=57))
def test_any_string_is_judged(x: bytes) -> None:
    """Any string of the right length is a key or a refusal."""
    for crv, size in SIZES.items():
        try:
            key = Key.from_jwk({"kty": "OKP", "crv": crv, "x": b64url_encode(x[:size])})
        except JoseError:
            continue
        assert key.crv == crv
