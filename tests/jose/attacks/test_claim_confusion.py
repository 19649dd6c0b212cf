"""Attacks on claims and on what a token is for (RFC 7519 s4.1, RFC 8725 s3.8 to s3.12)."""

from __future__ import annotations

from typing import Any

import pytest

from jotpass import jose
from jotpass.jose import Key, KeySet
from jotpass.jose.errors import (
    AudienceMismatch,
    ClaimInvalid,
    ClaimMissing,
    IssuerMismatch,
    JoseError,
    SignatureInvalid,
    TokenExpired,
    TokenMalformed,
    TokenNotYetValid,
    TokenWrongType,
)
from tests.jose.forging import CLAIMS, NOW, forge
from tests.jose.jwk.sample_keys import sample

KEY = sample("HS256")
HEADER = {"alg": "HS256"}
WRONG_STRINGS = [None, 1, 1.5, True, [], ["a"], {}, {"a": "b"}]


def verify(claims: object, header: object = HEADER, **options: Any) -> jose.ClaimsSet:
    """Verify claims under a good signature."""
    return jose.verify_jwt(forge(header, claims, KEY), KEY, **({"now": NOW} | options))


# --- aud ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["api", ["api"], ["other", "api"], ["api", "api"]])
def test_audience_is_found(audience: object) -> None:
    """As a string or among several strings."""
    assert verify(CLAIMS | {"aud": audience}, audience="api")["aud"] == audience
    assert verify(CLAIMS | {"aud": audience}, audience=["none", "api"])["aud"] == audience


@pytest.mark.parametrize(
    "audience",
    [
        "ap",
        "apis",
        "API",
        "a",
        "",
        " api",
        "api ",
        "api,other",
        ["ap", "i"],
        [],
        [""],
        ["a", "p", "i"],
        "https://api",
    ],
)
def test_audience_is_compared_whole(audience: object) -> None:
    """CVE-2020-26160, CVE-2025-62610: no substring, letter, prefix or other case is the audience."""
    with pytest.raises(AudienceMismatch):
        verify(CLAIMS | {"aud": audience}, audience="api")


@pytest.mark.parametrize(
    "audience", [None, 1, True, {}, {"api": 1}, [["api"]], ["api", 1], ["api", None], [{"api": 1}]]
)
def test_audience_of_another_type_is_refused(audience: object) -> None:
    """Nested and mixed arrays too, wanted or not."""
    for options in ({"audience": "api"}, {"any_audience": True}, {}):
        with pytest.raises(ClaimInvalid) as caught:
            verify(CLAIMS | {"aud": audience}, **options)
        assert caught.value.claim == "aud"


def test_token_for_somebody_is_not_for_anybody() -> None:
    """RFC 7519 s4.1.3: who is not in ``aud`` rejects the token, also if he never said who he is."""
    for audience in ("api", ["api"], [], ""):
        with pytest.raises(AudienceMismatch):
            verify(CLAIMS | {"aud": audience})
        assert verify(CLAIMS | {"aud": audience}, any_audience=True)["aud"] == audience


def test_missing_audience_is_refused_where_one_is_expected() -> None:
    """An absent ``aud`` does not stand for everybody."""
    with pytest.raises(ClaimMissing) as caught:
        verify(CLAIMS, audience="api")
    assert caught.value.claim == "aud"


# --- iss ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "https://id.example/",
        "https://id.exampl",
        "https://id.example.evil.net",
        "https://ID.example",
        "https://idXexample",
        " https://id.example",
        "https://id.example\n",
        "h",
        ".*",
        "https://i\u0064.e\u0445ample",
    ],
)
def test_issuer_is_compared_whole(issuer: str) -> None:
    """CVE-2024-53861: equality, byte by byte; no prefix, pattern, substring or normalization."""
    for expected in ("https://id.example", {"https://id.example", "https://other.example"}):
        with pytest.raises(IssuerMismatch):
            verify(CLAIMS | {"iss": issuer}, issuer=expected)


@pytest.mark.parametrize("issuer", [["https://id.example"], ["https://evil.example", "https://id.example"]])
def test_issuer_array_is_refused(issuer: object) -> None:
    """CVE-2025-30144: a token has one issuer."""
    with pytest.raises(ClaimInvalid):
        verify(CLAIMS | {"iss": issuer}, issuer="https://id.example")


def test_missing_issuer_is_refused_where_one_is_expected() -> None:
    """An absent ``iss`` is not the expected one."""
    with pytest.raises(ClaimMissing) as caught:
        verify(CLAIMS, issuer="https://id.example")
    assert caught.value.claim == "iss"


def test_one_of_several_issuers_is_accepted() -> None:
    """The options take a set."""
    for issuer in ("a", "b"):
        assert verify(CLAIMS | {"iss": issuer}, issuer={"a", "b"})["iss"] == issuer


@pytest.mark.parametrize("pattern", [".*", "^https", "[a-z]+", "*", "%"])
def test_options_are_no_patterns(pattern: str) -> None:
    """CVE-2026-35041: what looks like a pattern is compared like any other text."""
    with pytest.raises(IssuerMismatch):
        verify(CLAIMS | {"iss": "https://id.example"}, issuer=pattern)
    with pytest.raises(AudienceMismatch):
        verify(CLAIMS | {"aud": "api"}, audience=pattern)
    assert (
        verify(CLAIMS | {"iss": pattern, "aud": pattern}, issuer=pattern, audience=pattern)["iss"] == pattern
    )


def test_keys_of_one_issuer_do_not_speak_for_another() -> None:
    """Token substitution (RFC 8725 s3.8): issuer and keys are one verifier's, and both must fit."""
    ours, theirs = Key.generate("ES256", kid="k"), Key.generate("ES256", kid="k")
    verifier = jose.Verifier(KeySet([ours.public_key()]), issuer="https://ours.example")
    claims = CLAIMS | {"iss": "https://ours.example"}
    assert verifier.verify(jose.sign_jwt(claims, ours), now=NOW)["iss"] == "https://ours.example"
    with pytest.raises(SignatureInvalid):
        verifier.verify(jose.sign_jwt(claims, theirs), now=NOW)
    with pytest.raises(IssuerMismatch):
        verifier.verify(jose.sign_jwt(claims | {"iss": "https://theirs.example"}, ours), now=NOW)


# --- sub, jti, iss ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["sub", "jti", "iss"])
@pytest.mark.parametrize("value", WRONG_STRINGS)
def test_string_claim_of_another_type_is_refused(claim: str, value: object) -> None:
    """RFC 7519 s4.1: strings, and null is no absence."""
    with pytest.raises(ClaimInvalid) as caught:
        verify(CLAIMS | {claim: value})
    assert caught.value.claim == claim


@pytest.mark.parametrize("claim", ["sub", "jti", "iss", "aud"])
@pytest.mark.parametrize("value", WRONG_STRINGS)
def test_string_claim_of_another_type_is_not_signed(claim: str, value: object) -> None:
    """What we would refuse we do not issue."""
    if claim == "aud" and value in ([], ["a"]):
        return
    with pytest.raises(ClaimInvalid) as caught:
        jose.sign_jwt(CLAIMS | {claim: value}, KEY)
    assert caught.value.claim == claim


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", [None, "1", True, [], {}, float("nan"), float("inf"), float("-inf"), 10**400]
)
def test_numeric_date_of_another_type_is_not_signed(claim: str, value: object) -> None:
    """Finite numbers, and no booleans."""
    with pytest.raises(ClaimInvalid) as caught:
        jose.sign_jwt(CLAIMS | {claim: value}, KEY)
    assert caught.value.claim == claim


# --- times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leeway", [0, 0.5, 30])
def test_expiry_is_exact(leeway: float) -> None:
    """RFC 7519 s4.1.4: on or after ``exp`` the token is not accepted."""
    claims = {"exp": NOW}
    assert verify(claims, now=NOW + leeway - 0.001, leeway=leeway)
    for late in (0, 0.001, 1, 10**9):
        with pytest.raises(TokenExpired) as caught:
            verify(claims, now=NOW + leeway + late, leeway=leeway)
        assert caught.value.claim == "exp"


@pytest.mark.parametrize("leeway", [0, 0.5, 30])
def test_not_before_is_exact(leeway: float) -> None:
    """RFC 7519 s4.1.5: before ``nbf`` it is not accepted, from then on it is."""
    claims = {"exp": NOW + 100, "nbf": NOW}
    assert verify(claims, now=NOW - leeway, leeway=leeway)
    with pytest.raises(TokenNotYetValid) as caught:
        verify(claims, now=NOW - leeway - 0.001, leeway=leeway)
    assert caught.value.claim == "nbf"


def test_issue_time_ahead_is_no_reason() -> None:
    """RFC 7519 s4.1.6 gives ``iat`` no power to invalidate: clocks differ, and ``nbf`` is there for that."""
    assert verify(CLAIMS | {"iat": NOW + 5})["iat"] == NOW + 5


def test_times_may_have_fractions() -> None:
    """A NumericDate may be a fraction."""
    assert verify({"exp": NOW + 0.5, "nbf": NOW - 0.5, "iat": NOW - 0.25})["exp"] == NOW + 0.5
    with pytest.raises(TokenExpired):
        verify({"exp": NOW - 0.5})


def test_missing_expiry_is_refused_unless_that_is_said() -> None:
    """A token that never expires is accepted on demand only."""
    with pytest.raises(ClaimMissing) as caught:
        verify({"sub": "42"})
    assert caught.value.claim == "exp"
    assert verify({"sub": "42"}, required=()) == {"sub": "42"}


def test_required_claims_are_present() -> None:
    """Any claim may be required; ``null`` is present."""
    with pytest.raises(ClaimMissing) as caught:
        verify(CLAIMS, required=("exp", "scope"))
    assert caught.value.claim == "scope"
    assert verify(CLAIMS | {"scope": None}, required=("exp", "scope"))["scope"] is None


def test_expiry_is_judged_last() -> None:
    """Who sees ``token_expired`` knows that nothing else was wrong."""
    options: dict[str, Any] = {"issuer": "a", "audience": "b", "required": ("exp", "sub")}
    good = {"exp": 1, "iss": "a", "aud": "b", "sub": "c"}
    with pytest.raises(TokenExpired):
        verify(good, **options)
    for change in ({"iss": "x"}, {"aud": "x"}, {"nbf": NOW + 1}, {"jti": 1}):
        with pytest.raises(JoseError) as caught:
            verify(good | change, **options)
        assert not isinstance(caught.value, TokenExpired)
    with pytest.raises(ClaimMissing):
        verify({name: value for name, value in good.items() if name != "sub"}, **options)


@pytest.mark.parametrize("leeway", [-1, -0.001, float("nan"), float("inf"), 10**400])
def test_impossible_leeway_is_a_mistake(leeway: float) -> None:
    """A negative or endless leeway would let times slip."""
    with pytest.raises(ValueError, match="leeway must"):
        jose.Verifier(KEY, leeway=leeway)


@pytest.mark.parametrize("now", [float("nan"), float("inf"), float("-inf"), 10**400])
def test_impossible_time_is_a_mistake(now: float) -> None:
    """A token compared with NaN would never expire."""
    with pytest.raises(ValueError, match="now must be finite"):
        verify(CLAIMS, now=now)


@pytest.mark.parametrize(
    "options",
    [
        {"leeway": "1"},
        {"leeway": None},
        {"leeway": True},
        {"required": "exp"},
        {"required": [1]},
        {"issuer": 1},
        {"issuer": [1]},
        {"audience": [None]},
        {"audience": b"api"},
        {"typ": 1},
        {"typ": ["JWT"]},
        {"cache_size": "1"},
        {"cache_size": True},
        {"cache_size": 1.5},
        {"any_audience": "api"},
    ],
)
def test_option_of_another_type_is_a_mistake(options: dict[str, Any]) -> None:
    """It is found when the verifier is built, not when a token comes."""
    with pytest.raises(TypeError):
        jose.Verifier(KEY, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"issuer": ""},
        {"issuer": []},
        {"audience": ""},
        {"audience": ["api", ""]},
        {"audience": "api", "any_audience": True},
        {"typ": ""},
        {"cache_size": -1},
    ],
)
def test_impossible_option_is_a_mistake(options: dict[str, Any]) -> None:
    """An empty name would match nothing, or everything."""
    with pytest.raises(ValueError, match=r"must not be empty|must not be negative|contradict"):
        jose.Verifier(KEY, **options)


# --- typ ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"])
def test_type_is_compared_as_a_media_type(typ: str) -> None:
    """RFC 7515 s4.1.9: without case, with or without ``application/``, on both sides."""
    for expected in ("at+jwt", "AT+jwt", "application/at+jwt"):
        assert verify(CLAIMS, HEADER | {"typ": typ}, typ=expected)["sub"] == "42"


@pytest.mark.parametrize(
    "typ",
    [
        "rt+jwt",
        "JWT",
        "jwt",
        "",
        "at",
        "at+jwt ",
        "text/at+jwt",
        "application/application/at+jwt",
        "at\u212ajwt",
        "*",
    ],
)
def test_token_of_another_type_is_refused(typ: str) -> None:
    """Cross-JWT confusion (RFC 8725 s2.8): a refresh token, an ID token or a plain JWT is no access token."""
    with pytest.raises(TokenWrongType):
        verify(CLAIMS, HEADER | {"typ": typ}, typ="at+jwt")


def test_type_must_be_said_where_one_is_expected() -> None:
    """A header without ``typ`` is of no expected type."""
    with pytest.raises(TokenWrongType):
        verify(CLAIMS, typ="at+jwt")
    with pytest.raises(TokenWrongType):
        verify(CLAIMS, typ="JWT")


@pytest.mark.parametrize(
    "typ", ["at+jwt", "rt+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "", "\u212a"]
)
def test_typed_token_is_no_plain_jwt(typ: str) -> None:
    """Who expects no type accepts ``JWT`` and none at all, and no token that says it is something else."""
    with pytest.raises(TokenWrongType):
        verify(CLAIMS, HEADER | {"typ": typ})
    for plain in ({"typ": "JWT"}, {"typ": "jwt"}, {"typ": "application/jwt"}, {}):
        assert verify(CLAIMS, HEADER | plain)["sub"] == "42"


def test_letters_outside_ascii_have_no_case() -> None:
    """The Kelvin sign is not a k, though Python lowers it to one."""
    for typ, expected in (("\u212a+jwt", "k+jwt"), ("k+jwt", "\u212a+jwt")):
        with pytest.raises(TokenWrongType):
            verify(CLAIMS, HEADER | {"typ": typ}, typ=expected)


@pytest.mark.parametrize("typ", [None, 1, True, ["at+jwt"], {"at+jwt": 1}])
def test_type_of_another_type_is_refused(typ: object) -> None:
    """``typ`` is a string."""
    for options in ({}, {"typ": "at+jwt"}):
        with pytest.raises(JoseError):
            verify(CLAIMS, HEADER | {"typ": typ}, **options)


# --- the cache of verified tokens ---------------------------------------------------------------------------


def test_cached_token_is_found_by_its_whole_text() -> None:
    """CVE-2026-35039: no other token, however alike, is answered with remembered claims."""
    verifier = jose.Verifier(KEY, cache_size=100)
    token = jose.sign_jwt(CLAIMS, KEY)
    assert verifier.verify(token, now=NOW) is verifier.verify(token, now=NOW)
    header, payload, signature = token.split(".")
    for forged in (
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        jose.sign_jwt(CLAIMS | {"sub": "1"}, Key.generate("HS256")),
        token + "=",
    ):
        with pytest.raises(JoseError):
            verifier.verify(forged, now=NOW)


def test_cached_token_expires() -> None:
    """Its times are judged on every call."""
    verifier = jose.Verifier(KEY, cache_size=100)
    token = jose.sign_jwt(CLAIMS | {"nbf": NOW}, KEY)
    verifier.verify(token, now=NOW)
    with pytest.raises(TokenExpired):
        verifier.verify(token, now=NOW + 60)
    with pytest.raises(TokenNotYetValid):
        verifier.verify(token, now=NOW - 1)
    assert verifier.verify(token, now=NOW)["sub"] == "42"


def test_caches_are_not_shared() -> None:
    """What one verifier accepted another judges by its own rules."""
    token = jose.sign_jwt(CLAIMS | {"aud": "a"}, KEY)
    jose.Verifier(KEY, audience="a", cache_size=100).verify(token, now=NOW)
    with pytest.raises(AudienceMismatch):
        jose.Verifier(KEY, audience="b", cache_size=100).verify(token, now=NOW)


def test_refused_token_is_not_remembered() -> None:
    """A token that was refused once is judged anew."""
    verifier = jose.Verifier(KEY, cache_size=100)
    token = jose.sign_jwt(CLAIMS, KEY)
    for _ in range(2):
        with pytest.raises(TokenExpired):
            verifier.verify(token, now=NOW + 60)
    assert verifier.verify(token, now=NOW)["sub"] == "42"


def test_what_one_request_does_to_claims_the_next_does_not_see() -> None:
    """Remembered claims are frozen all the way down."""
    verifier = jose.Verifier(KEY, cache_size=100)
    token = jose.sign_jwt(CLAIMS | {"roles": ["user"], "org": {"admin": False}}, KEY)
    claims: Any = verifier.verify(token, now=NOW)
    for change in (
        lambda: claims.update(sub="1"),
        lambda: claims["roles"].append("admin"),
        lambda: claims["org"].update(admin=True),
        lambda: setattr(claims, "key", None),
        lambda: setattr(claims, "header", {}),
    ):
        with pytest.raises((TypeError, AttributeError)):
            change()
    assert verifier.verify(token, now=NOW) == CLAIMS | {"roles": ["user"], "org": {"admin": False}}


# --- misuse -------------------------------------------------------------------------------------------------


def test_refusal_is_an_exception_and_never_a_value() -> None:
    """CVE-2024-51744: there is no falsy answer to overlook, and every error has the one root."""
    for token in ("", "a.b.c", forge(HEADER, CLAIMS, Key.generate("HS256")), forge(HEADER, {"exp": 1}, KEY)):
        with pytest.raises(JoseError):
            jose.verify_jwt(token, KEY, now=NOW)


def test_peeking_does_not_look_like_verifying() -> None:
    """What comes out is of its own type: no mapping, no truth value, no claims by subscript."""
    unverified: Any = jose.peek_unverified(forge(HEADER, CLAIMS, Key.generate("HS256")))
    assert unverified.claims == CLAIMS
    assert not isinstance(unverified, dict | jose.ClaimsSet)
    for misuse in (bool, dict, iter, len, lambda value: value["sub"], lambda value: value.get("sub")):
        with pytest.raises((TypeError, AttributeError)):
            misuse(unverified)


def test_plain_claims_are_not_verified_claims() -> None:
    """Only a verifier makes a ``ClaimsSet`` with a header and a key."""
    with pytest.raises(AttributeError):
        _ = jose.ClaimsSet(CLAIMS).key


def test_nested_token_is_no_claims_set() -> None:
    """A JWT inside a JWT is not unpacked on the way."""
    inner = jose.sign_jwt(CLAIMS, KEY)
    with pytest.raises(TokenMalformed):
        jose.verify_jwt(forge(HEADER | {"cty": "JWT"}, inner, KEY), KEY, now=NOW)


@pytest.mark.parametrize(
    "token", [None, 1, b"a.b.c".__iter__(), ["a.b.c"], {}, bytearray(b"a.b.c"), memoryview(b"a.b.c")]
)
def test_what_is_no_text_is_no_token(token: Any) -> None:
    """Tokens arrive as str or bytes; anything else is a mistake of the caller."""
    for cache_size in (0, 10):
        with pytest.raises(TypeError):
            jose.Verifier(KEY, cache_size=cache_size).verify(token)
    with pytest.raises(TypeError):
        jose.jws.verify_compact(token, KEY)
    with pytest.raises(TypeError):
        jose.peek_unverified(token)
