"""Whatever comes in as a token, claims or a JoseError come out."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass import jose
from jotpass.jose import KeySet
from jotpass.jose.errors import JoseError
from tests.jose.forging import CLAIMS, NOW, forge, segment
from tests.jose.jwk.sample_keys import sample

KEY = sample("HS256")
KEYS = KeySet([KEY, sample("RS256"), sample("ES256"), sample("Ed25519")])
VERIFIER = jose.Verifier(KEYS, audience="api", leeway=1.5)
LENIENT = jose.Verifier(KEY, any_audience=True, required=(), cache_size=5)
TOKEN = jose.sign_jwt(CLAIMS | {"aud": "api"}, KEY)

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
HEADER_NAMES = st.sampled_from(
    ["alg", "typ", "cty", "kid", "crit", "b64", "jwk", "jku", "x5c", "zip", "enc", "exp"]
)
HEADER_VALUES = (
    st.sampled_from(["HS256", "none", "ES256", "JWT", "at+jwt", KEY.kid, ["exp"], ["b64"], []]) | JSON
)
HEADERS = st.dictionaries(HEADER_NAMES | TEXT, HEADER_VALUES, max_size=5).map(
    lambda header: {"alg": "HS256"} | header
)
CLAIM_NAMES = st.sampled_from(["exp", "nbf", "iat", "iss", "sub", "aud", "jti"])
CLAIM_VALUES = st.sampled_from([NOW, NOW + 60, 10**50, -1, 1.5, "api", ["api"], "42"]) | JSON
CLAIM_SETS = st.dictionaries(CLAIM_NAMES | TEXT, CLAIM_VALUES, max_size=7)


def judge(token: str | bytes) -> None:
    """Hand a token to everything that takes one; only a ``JoseError`` may come out."""
    for read in (
        lambda: VERIFIER.verify(token, now=NOW),
        lambda: LENIENT.verify(token, now=NOW),
        lambda: jose.verify_jwt(token, KEYS, algorithms=["HS256", "RS256", "ES256", "EdDSA"], now=NOW),
        lambda: jose.jws.verify_compact(token, KEYS),
        lambda: jose.peek_unverified(token),
    ):
        with suppress(JoseError):
            read()


@given(st.text() | st.binary())
def test_any_text_and_bytes(token: str | bytes) -> None:
    """Most of what an attacker may send is no token at all."""
    judge(token)


@given(st.lists(st.text("ABCXYZabcxyz0159-_") | st.binary(max_size=30).map(segment), max_size=6))
def test_any_segments(segments: list[str]) -> None:
    """Any number of segments, each base64url or nearly so."""
    judge(".".join(segments))


@given(JSON, JSON, st.binary(max_size=80))
def test_any_json_with_any_signature(header: Any, payload: Any, signature: bytes) -> None:
    """A header and a payload of any JSON."""
    judge(".".join([segment(json.dumps(header)), segment(json.dumps(payload)), segment(signature)]))


@given(HEADERS, CLAIM_SETS)
def test_any_header_and_claims_with_a_good_signature(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """What a signature protects may still be nonsense."""
    judge(forge(json.dumps(header), json.dumps(claims), KEY))


@given(CLAIM_SETS)
def test_claims_that_are_accepted_have_their_types(claims: dict[str, Any]) -> None:
    """Registered claims of verified tokens can be relied on."""
    token = forge({"alg": "HS256"}, json.dumps(claims), KEY)
    with suppress(JoseError):
        verified = LENIENT.verify(token, now=NOW)
        assert verified == claims
        for name in ("exp", "nbf", "iat"):
            assert type(verified.get(name, 0)) in {int, float}
        for name in ("iss", "sub", "jti"):
            assert type(verified.get(name, "")) is str
        audience = verified.get("aud", [])
        assert isinstance(audience, str) or all(type(item) is str for item in audience)
        assert verified.get("nbf", NOW) <= NOW < verified.get("exp", NOW + 1)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_with_a_good_signature(header: bytes, payload: bytes) -> None:
    """Not even JSON, and signed nevertheless."""
    judge(forge(header, payload, KEY))
    judge(forge({"alg": "HS256"}, payload, KEY))
    judge(forge({"alg": "HS256"}, b'{"exp":1900000060,' + payload + b"}", KEY))


@given(st.data())
def test_changed_token_never_verifies(data: st.DataObject) -> None:
    """One change anywhere, and the token is no longer the issuer's."""
    at = data.draw(st.integers(0, len(TOKEN)))
    length = data.draw(st.integers(0, 3))
    replacement = data.draw(st.text(st.sampled_from("ABab09-_=.+/ \n\x00é"), max_size=3))
    changed = TOKEN[:at] + replacement + TOKEN[at + length :]
    if changed == TOKEN:
        assert VERIFIER.verify(changed, now=NOW)["sub"] == "42"
    else:
        with pytest.raises(JoseError):
            VERIFIER.verify(changed, now=NOW)
