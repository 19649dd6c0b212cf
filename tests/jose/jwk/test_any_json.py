"""Whatever JSON comes in, a key, a set or a JoseError comes out."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.errors import KeyInvalid, KeyRefused
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_set import KeySet
from tests.jose.jwk.sample_keys import ON_CURVES, members

NAMES = (
    *("kty", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi", "oth", "k", "pub", "priv"),
    *("alg", "kid", "use", "key_ops", "x5c", "x5u", "x5t", "keys", "allow_weak"),
)
WORDS = (
    *("EC", "RSA", "OKP", "oct", "AKP", "P-256", "P-521", "secp256k1", "Ed25519", "Ed448", "X25519", "X448"),
    *(
        "ES256",
        "HS256",
        "EdDSA",
        "RS256",
        "RSA-OAEP",
        "none",
        "sig",
        "enc",
        "verify",
        "sign",
        "AQAB",
        "AA",
        "",
    ),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=90)
    | st.sampled_from(WORDS)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=6)
    ),
    max_leaves=20,
)
jwk_like = st.dictionaries(st.sampled_from(NAMES), scalars | values, min_size=1, max_size=10)


valid_jwks = st.sampled_from(["HS256", "HS512"]).map(partial(members, private=True)) | st.builds(
    members, st.sampled_from(["RS256", *ON_CURVES]), private=st.booleans()
)


@st.composite
def mutated_jwks(draw: st.DrawFn) -> dict[str, Any]:
    """A valid JWK with some members changed, exchanged with another key's, or taken away."""
    jwk: dict[str, Any] = draw(valid_jwks)
    donor: dict[str, Any] = draw(valid_jwks)
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)):
        change = draw(st.integers(0, 4))
        if change == 0:
            jwk.pop(name, None)
        elif change == 1:
            jwk[name] = donor.get(name, draw(values))
        elif change == 2 and isinstance(jwk.get(name), str) and jwk[name]:
            at = draw(st.integers(0, len(jwk[name]) - 1))
            jwk[name] = jwk[name][:at] + draw(st.characters()) + jwk[name][at + 1 :]
        elif change == 3 and isinstance(jwk.get(name), str):
            jwk[name] = jwk[name][draw(st.integers(0, 8)) :] + draw(
                st.sampled_from(["", "A", "AA", "=", "\n"])
            )
        else:
            jwk[name] = draw(values)
    return jwk


def judge(document: Any) -> None:
    """Read a document in every way, and hold what comes out to its word."""
    with suppress(KeyRefused):
        key = Key.from_jwk(document)
        assert Key.from_jwk(key.to_jwk(private=key.is_private)) == key
        assert repr(key)
    for private in (False, True):
        with suppress(KeyInvalid):
            keys = KeySet.from_json(document, private=private)
            assert KeySet.from_json(keys.to_json(private=True), private=True) == keys
            assert all(private or not key.is_private for key in keys)


@given(values)
def test_any_json_value(value: Any) -> None:
    """Any JSON value, parsed."""
    judge(value)


@given(values)
def test_any_json_text(value: Any) -> None:
    """Any JSON value, as text; NaN and Infinity included."""
    judge(json.dumps(value))


@given(st.text(st.characters(exclude_categories=())) | st.binary())
def test_any_text_and_bytes(document: str | bytes) -> None:
    """Any text and any bytes."""
    judge(document)


@given(jwk_like)
def test_anything_like_a_jwk(jwk: dict[str, Any]) -> None:
    """Objects with the names of a JWK and anything in them."""
    judge(jwk)


@given(mutated_jwks(), st.booleans())
def test_mutated_jwks(jwk: dict[str, Any], as_text: bool) -> None:
    """Valid keys, damaged."""
    judge(json.dumps(jwk) if as_text else jwk)


@given(st.lists(mutated_jwks() | values, max_size=4))
def test_sets_of_anything(jwks: list[Any]) -> None:
    """Every member of a set is either a key or skipped."""
    document = {"keys": jwks}
    judge(document)
    keys = KeySet.from_json(document, private=True)

    assert len(keys) + len(keys.skipped) == len(jwks)
    assert [member.index for member in keys.skipped] == sorted({member.index for member in keys.skipped})
