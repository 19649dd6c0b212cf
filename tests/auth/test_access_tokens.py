"""Access tokens (RFC 9068): what is issued, what is accepted, and with which code all else is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.access_tokens import (
    FUTURE_TOLERANCE,
    RESERVED_CLAIMS,
    AccessToken,
    Grant,
    TokenPolicy,
    issue_access_token,
    verify_access_token,
)
from jotpass.auth.refresh_tokens import PresentedToken, mint_refresh_token
from jotpass.keys.derived import derive_key_ring

NOW = 1_900_000_000
SECRETS = ("a secret of thirty-two characters or more",)
ISSUER = "https://id.example"
KEYS = derive_key_ring(SECRETS, purpose="access_token", issuer=ISSUER)
POLICY = TokenPolicy(
    issuer=ISSUER,
    audience="https://api.example",
    algorithm="HS256",
    lifetime=timedelta(minutes=5),
    leeway=timedelta(0),
    keys=KEYS,
)
GRANT = Grant(
    subject="42",
    session_id="01890a5d-ac96-774b-bcce-b302099a8057",
    family_id="01890a5d-ac96-774b-bcce-b302099a8058",
    client_id="first-party",
    auth_time=NOW - 100,
    scope="",
    ends_at=NOW + 86_400,
)


def issue(grant: Grant = GRANT, policy: TokenPolicy = POLICY, **extra: Any) -> str:
    """An access token issued now."""
    return issue_access_token(grant, policy, now=NOW, extra_claims=extra).token


def verify(token: str, policy: TokenPolicy = POLICY, **options: Any) -> AccessToken:
    """Verify, now unless told otherwise."""
    return verify_access_token(token, policy, **({"now": NOW} | options))


def code_of(token: str, policy: TokenPolicy = POLICY, **options: Any) -> str:
    """The code with which a token is refused; empty when it is accepted."""
    try:
        verify(token, policy, **options)
    except errors.CredentialError as error:
        return error.code
    return ""


def signed(
    *, typ: str | None = "at+jwt", headers: dict[str, Any] | None = None, without: str = "", **claims: Any
) -> str:
    """A token signed with the key of access tokens, whatever it says."""
    good = dict(jose.peek_unverified(issue()).claims)
    members = good | claims
    members.pop(without, None)
    return jose.sign_jwt(members, KEYS.signing, typ=typ, headers=headers)


# --- issued -------------------------------------------------------------------------------------------------


def test_it_has_the_members_of_rfc_9068() -> None:
    """The required claims, the session and family, `auth_time`; the type and a key id in the header."""
    read = jose.peek_unverified(issue())
    assert dict(read.claims) == {
        "iss": ISSUER,
        "sub": "42",
        "aud": "https://api.example",
        "exp": NOW + 300,
        "iat": NOW,
        "jti": read.claims["jti"],
        "client_id": "first-party",
        "sid": GRANT.session_id,
        "fid": GRANT.family_id,
        "auth_time": NOW - 100,
    }
    assert dict(read.header) == {"alg": "HS256", "typ": "at+jwt", "kid": KEYS.signing.kid}


def test_each_has_a_name_of_its_own() -> None:
    """`jti` is unguessable and never twice the same."""
    names = {jose.peek_unverified(issue()).claims["jti"] for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) >= 22 for name in names)


def test_it_does_not_outlive_the_session() -> None:
    """`exp` is cut off at the end of the session."""
    issued = issue_access_token(replace(GRANT, ends_at=NOW + 10), POLICY, now=NOW)
    assert issued.expires_at == NOW + 10
    assert code_of(issued.token, now=NOW + 9.9) == ""
    assert code_of(issued.token, now=NOW + 10) == "token_expired"


def test_scopes_are_a_claim_when_there_are_some() -> None:
    """Space-separated on the wire (RFC 9068 section 2.2.3), a set in code."""
    assert verify(issue(replace(GRANT, scope="read write"))).scopes == {"read", "write"}
    assert verify(issue()).scopes == frozenset()
    assert "scope" not in verify(issue())


@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS))
def test_the_claims_of_the_protocol_are_not_the_projects(name: str) -> None:
    """Setting one is an error at once, and names it."""
    with pytest.raises(ValueError, match=name):
        issue_access_token(GRANT, POLICY, now=NOW, extra_claims={name: "x"})


def test_the_projects_claims_are_there() -> None:
    """Beside those of the protocol."""
    token = verify(issue(role="admin", groups=["a", "b"]))
    assert token["role"] == "admin"
    assert list(token["groups"]) == ["a", "b"]


# --- accepted -----------------------------------------------------------------------------------------------


def test_a_verified_token_is_a_read_only_mapping() -> None:
    """With names for what the code uses."""
    token: Any = verify(issue(role="admin"))
    assert (token.subject, token.session_id, token.family_id) == ("42", GRANT.session_id, GRANT.family_id)
    assert (token.client_id, token.auth_time, token.expires_at) == ("first-party", NOW - 100, NOW + 300)
    assert token.token_id == token["jti"]
    assert len(token) == len(dict(token)) == 11
    with pytest.raises(TypeError):
        token["sub"] = "1"
    with pytest.raises(TypeError):
        token.claims["sub"] = "1"


def test_one_of_several_audiences_is_enough() -> None:
    """A service that answers to two names accepts a token for either; a token may name several."""
    several = replace(POLICY, audience=("https://api.example", "https://other.example"))
    assert code_of(issue(), several) == ""
    assert code_of(issue(policy=several)) == ""
    third = replace(POLICY, audience="https://third.example")
    assert code_of(issue(policy=several), third) == "token_invalid"


def test_a_replaced_secret_still_verifies() -> None:
    """As long as it is among the fallbacks, and no longer."""
    rolled = derive_key_ring(
        ("another secret, as long as it must be", *SECRETS), purpose="access_token", issuer=ISSUER
    )
    forgotten = derive_key_ring(
        ("another secret, as long as it must be",), purpose="access_token", issuer=ISSUER
    )
    assert code_of(issue(), replace(POLICY, keys=rolled)) == ""
    assert code_of(issue(), replace(POLICY, keys=forgotten)) == "token_invalid"


# --- time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leeway", [0, 30])
def test_it_ends_at_its_expiry(leeway: int) -> None:
    """At `exp` plus the leeway it is over (RFC 7519 section 4.1.4: "on or after")."""
    policy = replace(POLICY, leeway=timedelta(seconds=leeway))
    end = NOW + 300 + leeway
    assert code_of(issue(), policy, now=end - 0.001) == ""
    assert code_of(issue(), policy, now=end) == "token_expired"
    assert code_of(issue(), policy, now=end + 10**9) == "token_expired"
    assert code_of(issue(), policy, now=end + 10**9, ignore_expiry=True) == ""


@pytest.mark.parametrize("leeway", [0, 30])
def test_a_token_from_the_future_is_refused(leeway: int) -> None:
    """`iat` may lie ahead by the leeway and what two clocks may differ, also when expiry is ignored."""
    policy = replace(POLICY, leeway=timedelta(seconds=leeway))
    latest = NOW + leeway + FUTURE_TOLERANCE
    assert code_of(signed(iat=latest, exp=latest + 300), policy) == ""
    assert code_of(signed(iat=latest + 1, exp=latest + 300), policy) == "token_invalid"
    assert code_of(signed(iat=latest + 1, exp=latest + 300), policy, ignore_expiry=True) == "token_invalid"


def test_ignoring_the_expiry_ignores_nothing_else() -> None:
    """Signature, type, issuer and audience are judged as ever."""
    late: dict[str, Any] = {"now": NOW + 10**6, "ignore_expiry": True}
    assert code_of(issue(), **late) == ""
    assert code_of(issue()[:-4] + "AAAA", **late) == "token_invalid"
    assert code_of(signed(typ="JWT"), **late) == "token_wrong_type"
    assert code_of(signed(iss="https://x.example"), **late) == "token_invalid"
    assert code_of(signed(aud="https://x.example"), **late) == "token_invalid"


# --- refused ------------------------------------------------------------------------------------------------


def test_a_refresh_token_is_of_the_wrong_type() -> None:
    """It is told so, whatever key it was signed with, and never accepted."""
    refresh_keys = derive_key_ring(SECRETS, purpose="refresh_token", issuer=ISSUER)
    token = PresentedToken(UUID(GRANT.family_id), 1, datetime.fromtimestamp(NOW + 600, UTC), "r" * 22)
    for keys in (refresh_keys, KEYS):
        assert code_of(mint_refresh_token(token, issuer=ISSUER, keys=keys)) == "token_wrong_type"


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "rt+jwt", "id+jwt", "application/rt+jwt"])
def test_another_type_is_refused(typ: str | None) -> None:
    """Only `at+jwt` is an access token (RFC 9068 section 4)."""
    assert code_of(signed(typ=typ)) == "token_wrong_type"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_is_a_media_type(typ: str) -> None:
    """Compared without case, and with or without `application/` (RFC 7515 section 4.1.9)."""
    assert code_of(signed(typ=typ)) == ""


NAMES = ["sub", "sid", "fid", "jti", "client_id"]
TIMES = ["exp", "iat", "auth_time"]
NEVER_NAMES: list[Any] = [
    None,
    True,
    0,
    7,
    1.5,
    [],
    {},
    ["42"],
    {"a": "b"},
    "",
    "\x00",
    "a\x00b",
    "a\nb",
    "x" * 5000,
]
NEVER_TIMES: list[Any] = [None, True, "1900000000", "", [], {}, [NOW], -1, 10**60, 1e300, 253_402_300_800]


@pytest.mark.parametrize("value", NEVER_NAMES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused(name: str, value: Any) -> None:
    """A validly signed token with a list, a number, NUL or a book where a name belongs is `token_invalid`."""
    try:
        token = signed(**{name: value})
    except jose.JoseError:
        assert name in {"sub", "jti"}
        return
    assert code_of(token) == "token_invalid"


@pytest.mark.parametrize(
    "subject",
    [
        "ann",
        "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645",
        "\U0001f469\u200d\U0001f680",
        "a\u00a0b",
        "x" * 255,
    ],
)
def test_a_subject_may_be_written_in_any_script(subject: str) -> None:
    """Joiners and every kind of space are no reason to refuse a primary key."""
    assert verify(signed(sub=subject)).subject == subject


@pytest.mark.parametrize("subject", ["tab\tname", "a\u202eb", "\ufeffann", "a\u2028b", "x" * 256])
def test_a_subject_that_nobody_could_print_is_refused(subject: str) -> None:
    """Nothing that moves the cursor, breaks a line or reorders it."""
    assert code_of(signed(sub=subject)) == "token_invalid"


@pytest.mark.parametrize("value", NEVER_TIMES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("ignore_expiry", [False, True])
def test_a_time_that_is_none_is_refused(name: str, value: Any, ignore_expiry: bool) -> None:
    """Text, nothing, or a number that is no date is `token_invalid`; never an overflow later on."""
    try:
        token = signed(**{name: value})
    except jose.JoseError:
        assert name in {"exp", "iat"}
        return
    # What ended before the epoch has ended, whoever asks.
    expected = "token_expired" if (name, value) == ("exp", -1) else "token_invalid"
    assert code_of(token, ignore_expiry=ignore_expiry) == expected


@pytest.mark.parametrize("name", [*NAMES, *TIMES, "iss", "aud"])
def test_every_claim_of_the_protocol_is_required(name: str) -> None:
    """A validly signed token without it is `token_invalid`."""
    assert code_of(signed(without=name)) == "token_invalid"


@pytest.mark.parametrize("value", [None, 7, [], {}, ["read"], "", "  read \n write "], ids=repr)
def test_an_odd_scope_gives_no_more_than_it_says(value: Any) -> None:
    """Whatever is no string is no scope."""
    scopes = verify(signed(scope=value)).scopes
    assert scopes == (set(value.split()) if isinstance(value, str) else set())


@pytest.mark.parametrize(
    "claims", [{"iss": "https://x.example"}, {"aud": "https://x.example"}, {"aud": []}], ids=str
)
def test_another_issuer_or_audience_is_refused(claims: dict[str, Any]) -> None:
    """Compared exactly."""
    assert code_of(signed(**claims)) == "token_invalid"


@pytest.mark.parametrize("change", [{"purpose": "refresh_token"}, {"issuer": "https://x.example"}], ids=str)
def test_a_key_of_another_purpose_or_issuer_is_refused(change: dict[str, Any]) -> None:
    """Keys are unrelated: even a token that says all the right things does not verify."""
    other = derive_key_ring(SECRETS, **({"purpose": "access_token", "issuer": ISSUER} | change))
    assert code_of(issue(policy=replace(POLICY, keys=other))) == "token_invalid"
    named = jose.sign_jwt(
        jose.peek_unverified(issue()).claims, other.signing, typ="at+jwt", headers={"kid": KEYS.signing.kid}
    )
    assert code_of(named) == "token_invalid"


def test_any_change_of_the_text_is_refused() -> None:
    """One character is enough."""
    token = issue()
    for position in range(len(token)):
        other = "A" if token[position] != "A" else "B"
        changed = token[:position] + other + token[position + 1 :]
        assert code_of(changed) in {"token_invalid", "token_malformed", "token_wrong_type"}, position


UNKNOWN_KEY = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im5vcGUiLCJ0eXAiOiJ4In0"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "null",
        " ",
        "é",
        "\ud800",
        "a.b.c",
        f"{UNKNOWN_KEY}.bm8.AAAA",
        "x" * 5_000_000,
    ],
    ids=lambda token: repr(token)[:20],
)
def test_nonsense_is_refused(token: str) -> None:
    """With one of our codes, also when key and payload are nonsense both."""
    assert code_of(token) in {"token_malformed", "token_invalid"}


segments = st.text("ABCabc019-_", max_size=40)


@given(
    st.text()
    | st.tuples(segments, segments, segments).map(".".join)
    | st.tuples(st.just(issue().split(".")[0]), segments, segments).map(".".join)
)
def test_any_text_is_refused_with_a_code(text: str) -> None:
    """Whatever comes, it is a `CredentialError`."""
    assert code_of(text)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*NAMES, *TIMES, "iss", "aud", "scope", "nbf", "x"]), json_values))
def test_any_claims_that_we_signed_are_accepted_or_refused_with_a_code(claims: dict[str, Any]) -> None:
    """And what is accepted can be used: its times are dates, its names are text."""
    try:
        token = verify(signed(**claims))
    except (errors.CredentialError, jose.JoseError):
        return
    for moment in (token.auth_time, token.expires_at):
        assert datetime.fromtimestamp(moment, UTC).year >= 1970
    for name in (token.subject, token.session_id, token.family_id, token.token_id, token.client_id):
        assert name.isprintable()
    assert isinstance(token.scopes, frozenset)


def test_an_error_says_nothing_of_the_token() -> None:
    """Neither the text nor the chain of causes holds anything of it."""
    token = signed(aud="the-secret-audience")
    with pytest.raises(errors.TokenInvalid) as caught:
        verify(token)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert not caught.value.args
