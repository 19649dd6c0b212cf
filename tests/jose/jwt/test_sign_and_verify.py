"""Signing claims and verifying tokens."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from jotpass import jose
from jotpass.jose import Key, KeySet
from jotpass.jose.errors import SignatureInvalid, TokenExpired, TokenMalformed
from tests.jose.forging import CLAIMS, NOW, forge, segment
from tests.jose.jwk.sample_keys import ALL, sample

KEY = sample("HS256")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
REGISTERED = {"exp", "nbf", "iat", "iss", "sub", "aud", "jti"}
PRIVATE_CLAIMS = st.dictionaries(TEXT.filter(lambda name: name not in REGISTERED), VALUES, max_size=5)


@pytest.mark.parametrize("alg", ALL)
def test_round_trip(alg: str) -> None:
    """Every algorithm; the claims know their header and their key."""
    key = sample(alg)
    claims = jose.verify_jwt(jose.sign_jwt(CLAIMS, key), key, now=NOW)
    assert claims == CLAIMS
    assert claims.header == {"alg": alg, "typ": "JWT", "kid": key.kid}
    assert claims.key is key


@given(PRIVATE_CLAIMS)
def test_any_json_claim_comes_back(private: dict[str, Any]) -> None:
    """What is signed is what is read, whatever JSON it is."""
    token = jose.sign_jwt(CLAIMS | private, KEY)
    assert jose.verify_jwt(token, KEY, now=NOW) == CLAIMS | private
    assert jose.peek_unverified(token).claims == CLAIMS | private


def test_claims_read_like_a_dict() -> None:
    """They compare, iterate, unpack and serialize as what they are."""
    claims = jose.verify_jwt(jose.sign_jwt(CLAIMS | {"roles": ["a"], "org": {"id": 1}}, KEY), KEY, now=NOW)
    plain = CLAIMS | {"roles": ["a"], "org": {"id": 1}}
    assert claims["sub"] == claims.get("sub") == "42"
    assert dict(claims) == {**claims} == plain
    assert json.loads(json.dumps(claims)) == plain
    assert json.loads(json.dumps(claims["org"])) == {"id": 1}
    assert claims["roles"] == ["a"]
    assert "a" in claims["roles"]
    assert claims["org"]["id"] == 1


def test_copies_of_claims_are_plain() -> None:
    """A copy may be changed, pickled and sent elsewhere; it claims nothing about a key."""
    claims = jose.verify_jwt(jose.sign_jwt(CLAIMS | {"roles": ["a"]}, KEY), KEY, now=NOW)
    for copied in (copy.deepcopy(claims), pickle.loads(pickle.dumps(claims))):  # noqa: S301 - our own bytes
        assert type(copied) is dict
        copied["roles"].append("b")
        copied["sub"] = "1"
    assert claims == CLAIMS | {"roles": ["a"]}


def test_nothing_is_added_to_the_claims() -> None:
    """Times and identifiers are the caller's."""
    assert jose.peek_unverified(jose.sign_jwt({}, KEY)).claims == {}


def test_type_is_jwt_unless_said_otherwise() -> None:
    """Another may be named, or none."""
    assert jose.peek_unverified(jose.sign_jwt({}, KEY)).header["typ"] == "JWT"
    assert jose.peek_unverified(jose.sign_jwt({}, KEY, typ="at+jwt")).header["typ"] == "at+jwt"
    assert "typ" not in jose.peek_unverified(jose.sign_jwt({}, KEY, typ=None)).header


@pytest.mark.parametrize("claims", ["sub", None, 1, [("sub", "42")], b"{}"])
def test_only_mappings_are_claims(claims: Any) -> None:
    """Anything else is a mistake."""
    with pytest.raises(TypeError):
        jose.sign_jwt(claims, KEY)


def test_claims_that_json_lacks_are_a_mistake() -> None:
    """A date or a set has no form in JSON that a reader would know."""
    value: Any
    for value in ({1}, object(), b"x"):
        with pytest.raises(TypeError):
            jose.sign_jwt({"x": value}, KEY)
    for value in (float("nan"), "\ud800", 10**300):
        with pytest.raises(ValueError, match=r".+"):
            jose.sign_jwt({"x": value}, KEY)


def test_strings_and_numbers_of_subclasses_are_signed() -> None:
    """A framework's safe string is a string, a tuple of them an array."""

    class Text(str):
        __slots__ = ()

    token = jose.sign_jwt({"sub": Text("42"), "exp": NOW + 60, "aud": ("a", Text("b"))}, KEY)
    assert jose.verify_jwt(token, KEY, audience="b", now=NOW)["aud"] == ["a", "b"]


def test_clock_is_read_where_no_time_is_given() -> None:
    """``now`` defaults to the system's clock, at each call."""
    verifier = jose.Verifier(KEY, cache_size=10)
    token = jose.sign_jwt(CLAIMS, KEY)
    with time_machine.travel(NOW, tick=False) as clock:
        for verify in (verifier.verify, lambda token: jose.verify_jwt(token, KEY)):
            clock.move_to(NOW)
            assert verify(token)["sub"] == "42"
            clock.move_to(NOW + 60)
            with pytest.raises(TokenExpired):
                verify(token)


@pytest.mark.parametrize("cache_size", [0, 100])
def test_verifier_does_the_same_every_time(cache_size: int) -> None:
    """A known header or a known token changes nothing in the answer, for text and for bytes."""
    verifier = jose.Verifier(KEY, audience="api", cache_size=cache_size)
    token = jose.sign_jwt(CLAIMS | {"aud": "api"}, KEY)
    for form in (token, token.encode(), token, token.encode()):
        claims = verifier.verify(form, now=NOW)
        assert claims == CLAIMS | {"aud": "api"}
        assert claims.header["alg"] == "HS256"
        assert claims.key is KEY


@pytest.mark.parametrize("size", [1, 2, 5])
def test_cache_is_bounded(size: int) -> None:
    """The token verified longest ago makes room."""
    verifier = jose.Verifier(KEY, cache_size=size)
    tokens = [jose.sign_jwt(CLAIMS | {"jti": str(number)}, KEY) for number in range(size + 1)]
    first = [verifier.verify(token, now=NOW) for token in tokens[:size]]
    assert all(verifier.verify(token, now=NOW) is known for token, known in zip(tokens, first, strict=False))
    verifier.verify(tokens[size], now=NOW)
    assert verifier.verify(tokens[0], now=NOW) is not first[0]


def test_rollover_is_another_verifier() -> None:
    """The new one knows nothing of the old one's tokens."""
    old, new = Key.generate("ES256"), Key.generate("ES256")
    token = jose.sign_jwt(CLAIMS, old)
    assert jose.Verifier(KeySet([old, new]), cache_size=10).verify(token, now=NOW).key is old
    with pytest.raises(jose.KeyNotFound):
        jose.Verifier(KeySet([new]), cache_size=10).verify(token, now=NOW)


def test_threads_share_a_verifier() -> None:
    """Good and bad tokens with many headers, from many threads: each gets its own answer."""
    verifier = jose.Verifier(KEY, cache_size=20)
    good = [jose.sign_jwt(CLAIMS | {"sub": str(number)}, KEY, headers={"n": number}) for number in range(200)]
    bad = [
        jose.sign_jwt(CLAIMS, Key.from_secret(b"x" * 32, alg="HS256"), headers={"n": n}) for n in range(200)
    ]

    def use(number: int) -> bool:
        with pytest.raises(SignatureInvalid):
            verifier.verify(bad[number], now=NOW)
        return bool(verifier.verify(good[number], now=NOW)["sub"] == str(number))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, [*range(200), *range(199, -1, -1), *range(200)]))


def test_repr_shows_the_rules_and_no_key() -> None:
    """A verifier may be logged."""
    shown = repr(jose.Verifier(KEY, issuer=iter(["https://id.example"]), audience={"b", "a"}, typ="at+jwt"))
    rules = "algorithms=['HS256'], typ='at+jwt', issuer=['https://id.example'], audience=['a', 'b']"
    assert shown == f"<Verifier {rules}>"
    assert repr(jose.Verifier(KEY, any_audience=True)).endswith("typ=None, issuer=None, audience=any>")


@pytest.mark.parametrize(
    "token", ["eyJhbGciOiJub25lIn0.e30.", f"{segment({})}.{segment({})}.{segment(b'x')}"]
)
def test_peeking_reads_any_token(token: str) -> None:
    """Unsecured or odd: it is shown as it is."""
    assert jose.peek_unverified(token).claims == {}


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "..", "e30.e30", "e30.e30.e30.e30", "e30.W10.e30", "e30.e30.="]
)
def test_peeking_refuses_what_is_no_jwt(token: str) -> None:
    """Two JSON objects and a signature, in base64url."""
    with pytest.raises(TokenMalformed):
        jose.peek_unverified(token)


def test_what_is_peeked_cannot_be_changed() -> None:
    """Header and claims are as frozen as verified ones."""
    unverified: Any = jose.peek_unverified(forge({"alg": "x"}, {"a": [1]}, KEY))
    for change in (
        lambda: unverified.claims["a"].append(2),
        lambda: unverified.header.update(alg="y"),
        lambda: setattr(unverified, "claims", {}),
    ):
        with pytest.raises((TypeError, AttributeError)):
            change()
