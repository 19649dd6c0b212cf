"""Validly signed access and refresh tokens whose claims are odd: 401, never a mistake of the program."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.auth.http.contract import Api, check_challenge, check_refusal, create_person, read, undone
from tests.auth.http.signed_tokens import claims_of, sign_access_token, sign_refresh_token

CALLS = [
    ("GET", "session/", None),
    ("GET", "sessions/", None),
    ("PATCH", "sessions/x/", {"label": "x"}),
    ("DELETE", "sessions/x/", None),
    ("POST", "session/reauthenticate/", {"password": "x"}),
    ("POST", "logout/", {"scope": "current"}),
    ("POST", "logout/", {"scope": "others"}),
    ("POST", "logout/", {"scope": "all"}),
]
NO_NAMES: list[object] = [None, 1, 1.5, True, [], {}, ["a"], "", "x" * 300, "a\x00b", "\n", "\u200b"]
NO_TIMES: list[object] = [None, "1700000000", True, [], {}, -1, -1e300, 1e300, 10**90, 253402300800, 1e17]
ODD_SUBJECTS = [
    "x",
    "0x1",
    " 1",
    "01",
    "+1",
    "1.0",
    "-0",
    "٣",
    "9" * 100,
    "-" + "9" * 100,
    str(2**63),
    str(2**64),
]


def _call_all(api: Api, token: str) -> list[Any]:
    answers = [api.call(method, path, body, bearer=token) for method, path, body in CALLS]
    return [*answers, *(api.post(f"token/{path}/", {"token": token}) for path in ("verify", "revoke"))]


def _refused_everywhere(api: Api, token: str) -> None:
    for answer in _call_all(api, token):
        if answer.status_code not in {200, 204}:  # revoke and sign-out answer so to anything
            check_refusal(answer)
            assert answer.status_code == 401
    assert api.get("session/", bearer=token).status_code == 401
    assert api.post("token/verify/", {"token": token}).status_code == 401


@pytest.mark.parametrize("name", ["sub", "sid", "fid", "jti", "client_id"])
def test_names_of_odd_types(api: Api, pair: dict[str, Any], name: str) -> None:
    """A claim that names something and is no printable string of its length is `token_invalid`."""
    claims = claims_of(pair["access"])
    for value in NO_NAMES:
        _refused_everywhere(api, sign_access_token(claims | {name: value}))


@pytest.mark.parametrize("name", ["exp", "iat", "auth_time"])
def test_times_of_odd_types(api: Api, pair: dict[str, Any], name: str) -> None:
    """A time that is no number, or no time that a calendar has, is refused."""
    claims = claims_of(pair["access"])
    for value in NO_TIMES:
        _refused_everywhere(api, sign_access_token(claims | {name: value}))


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "fid", "auth_time"]
)
def test_a_claim_that_is_missing(api: Api, pair: dict[str, Any], name: str) -> None:
    """Every claim of RFC 9068 and of the session must be there."""
    claims = claims_of(pair["access"])
    del claims[name]
    _refused_everywhere(api, sign_access_token(claims))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "urn:other"},
        {"iss": ["urn:jotpass:local"]},
        {"aud": "urn:other"},
        {"aud": []},
        {"aud": {"urn:jotpass:local": 1}},
        {"aud": [1]},
        {"nbf": 2**40},
        {"nbf": "0"},
        {"iat": 2**34, "exp": 2**35},
    ],
    ids=str,
)
def test_claims_of_somebody_else(api: Api, pair: dict[str, Any], changed: dict[str, Any]) -> None:
    """Another issuer, another audience, a token of the future: signed, and still not ours."""
    _refused_everywhere(api, sign_access_token(claims_of(pair["access"]) | changed))


@pytest.mark.parametrize("payload", [[], "text", 1, None, {}, {"sub": "1"}, [{"sub": "1"}]], ids=str)
def test_a_payload_that_is_no_claims_set(api: Api, pair: dict[str, Any], payload: object) -> None:
    """A good signature over something else is no access token."""
    _refused_everywhere(api, sign_access_token(payload))


@pytest.mark.parametrize("typ", [None, "JWT", "rt+jwt", "at", "application/jwt", "dpop+jwt", "logout+jwt"])
def test_another_type_is_told(api: Api, pair: dict[str, Any], typ: str | None) -> None:
    """A token of another kind is `token_wrong_type`, even under the right key (RFC 8725 s3.11)."""
    token = sign_access_token(claims_of(pair["access"]), typ=typ)
    _refused_everywhere(api, token)
    check_challenge(api.get("session/", bearer=token), "token_wrong_type", credential_came=True)


def test_a_refresh_token_is_of_the_wrong_type(api: Api, pair: dict[str, Any]) -> None:
    """A refresh token in the header is told apart from garbage."""
    answer = api.get("session/", bearer=pair["refresh"])
    check_challenge(answer, "token_wrong_type", credential_came=True)


@pytest.mark.parametrize("subject", ODD_SUBJECTS)
def test_a_subject_that_is_no_primary_key(api: Api, pair: dict[str, Any], subject: str) -> None:
    """`sub` is a primary key in the one spelling that we write, within what the database holds."""
    token = sign_access_token(claims_of(pair["access"]) | {"sub": subject})
    answer = api.get("sessions/", bearer=token)
    check_challenge(answer, "token_invalid", credential_came=True)
    for answer in _call_all(api, token):
        assert answer.status_code < 500
    assert api.get("/whoami/", bearer=token).status_code == 401


def test_a_subject_that_is_somebody_else(api: Api, pair: dict[str, Any]) -> None:
    """A token that names one person and another's session opens and ends nothing of either."""
    somebody = create_person("ada@example.org")
    other = api.sign_in(somebody)
    token = sign_access_token(claims_of(pair["access"]) | {"sub": str(somebody.pk)})
    for answer in _call_all(api, token):
        assert answer.status_code < 500
    assert other["access"]


@pytest.mark.parametrize("sid", ["x", "00000000-0000-7000-8000-000000000000", str(uuid.UUID(int=2**128 - 1))])
def test_a_session_that_nobody_knows(api: Api, pair: dict[str, Any], sid: str) -> None:
    """A session and a family without rows: what asks for them is 401, what signs out is 204."""
    token = sign_access_token(claims_of(pair["access"]) | {"sid": sid, "fid": sid, "jti": "x"})
    check_challenge(api.get("session/", bearer=token), "token_revoked", credential_came=True)
    password = {"password": "correct horse battery staple"}
    answer = api.post("session/reauthenticate/", password, bearer=token)
    check_challenge(answer, "token_revoked", credential_came=True)
    assert api.post("logout/", bearer=token).status_code == 204
    assert api.post("token/revoke/", {"token": token}).status_code == 200
    assert api.is_live(pair)


@pytest.mark.parametrize(
    "changed",
    [
        {"gen": None},
        {"gen": 0},
        {"gen": -1},
        {"gen": "1"},
        {"gen": 1.0},
        {"gen": True},
        {"gen": 2**63},
        {"gen": 2**63 - 1},
        {"gen": 10**90},
        {"rnd": 1},
        {"rnd": None},
        {"rnd": ""},
        {"rnd": "x" * 22},
        {"rnd": ["a"]},
        {"fid": None},
        {"fid": 1},
        {"fid": "x"},
        {"fid": "0" * 32},
        {"fid": "-" * 4 + "0" * 32},
        {"exp": None},
        {"exp": "1"},
        {"exp": True},
        {"exp": -1},
        {"exp": 0},
        {"exp": 1e300},
        {"exp": 10**90},
        {"iss": "urn:other"},
        {"iss": None},
        {"nbf": 2**40},
        {"aud": "x"},
    ],
    ids=str,
)
def test_odd_refresh_tokens(api: Api, pair: dict[str, Any], changed: dict[str, Any]) -> None:
    """A refresh token of odd claims under the right key is `refresh_invalid`, and harms no family."""
    token = sign_refresh_token(claims_of(pair["refresh"]) | changed)
    answer = api.post("token/refresh/", {"refresh": token})
    check_challenge(answer, "refresh_invalid", credential_came=False)
    assert api.post("token/revoke/", {"token": token}).status_code == 200
    assert api.post("logout/", {"refresh": token}).status_code == 204


def test_the_last_generation_has_no_successor(api: Api, pair: dict[str, Any]) -> None:
    """The largest generation that a row can hold is answered, and its successor is refused without a 500."""
    token = sign_refresh_token(claims_of(pair["refresh"]) | {"gen": 2**63 - 2})
    answer = api.post("token/refresh/", {"refresh": token})
    assert answer.status_code == 200
    last = api.post("token/refresh/", {"refresh": read(answer)["refresh"]})
    check_challenge(last, "refresh_invalid", credential_came=False)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "sid",
    "fid",
    "auth_time",
    "scope",
    "gen",
    "rnd",
]


@pytest.mark.parametrize("jotpass", [{}, {"REVOCATION": "strict"}, {"REQUEST_USER": "load"}], ids=str)
@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON_VALUES, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_claims_of_any_kind_are_a_500(
    person: Any, jotpass: dict[str, Any], changes: dict[str, Any]
) -> None:
    """Whatever JSON stands in the claims of a signed token, no endpoint answers 500 or another shape."""
    api = Api()
    with undone(), override_settings(JOTPASS=jotpass):
        pair = api.sign_in(person)
        access = sign_access_token(claims_of(pair["access"]) | changes)
        refresh = sign_refresh_token(claims_of(pair["refresh"]) | changes)
        answers = [
            *_call_all(api, access),
            api.post("token/refresh/", {"refresh": refresh}),
            api.post("token/revoke/", {"token": refresh}),
            api.post("logout/", {"refresh": refresh, "scope": "all"}),
        ]
    for answer in answers:
        if answer.status_code >= 400:
            check_refusal(answer)
        assert answer.status_code < 500
