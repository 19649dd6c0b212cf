"""Every answer of the six endpoints and of a protected view, byte for byte, as existing clients know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken, Token

from tests.simplejwt.people import PASSWORD, bearer, create_user
from tests.simplejwt.presented import (
    GONE,
    KINDS,
    altered,
    claims_of,
    expired,
    header_of,
    said,
    with_another_signature,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.test import APIClient

CHALLENGE: Final = 'Bearer realm="api"'
NO_ACCOUNT: Final = '{"detail":"No active account found with the given credentials"}'
NO_ACCOUNT_FOR_TOKEN: Final = '{"detail":"No active account found for the given token."}'


class Exchange(NamedTuple):
    """An endpoint that takes a token: where, in which member of the body, and of which kind."""

    path: str
    field: str
    kind: str


REFRESH: Final = Exchange("/api/token/refresh/", "refresh", "refresh")
SLIDING: Final = Exchange("/sliding/token/refresh/", "token", "sliding")
VERIFY: Final = Exchange("/api/token/verify/", "token", "access")
BLACKLIST: Final = Exchange("/api/token/blacklist/", "refresh", "refresh")
EXCHANGES: Final = [
    pytest.param(row, id=row.path.strip("/")) for row in (REFRESH, SLIDING, VERIFY, BLACKLIST)
]


@pytest.fixture(params=["json", "multipart"])
def form(request: pytest.FixtureRequest) -> str:
    """How the body is written: each answer is the same for both."""
    kind: str = request.param
    return kind


def not_valid(message: str) -> tuple[int, str, str | None]:
    """The answer to a token that is refused in a body."""
    return 401, f'{{"detail":"{message}","code":"token_not_valid"}}', CHALLENGE


# --- sign-in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "members"), [("/api/token/", ["refresh", "access"]), ("/sliding/token/", ["token"])]
)
def test_a_sign_in(client: APIClient, user: Any, form: str, path: str, members: list[str]) -> None:
    """200, and the tokens in this order, without anything else."""
    answer = client.post(path, {"username": "vitor", "password": PASSWORD}, format=form)
    assert said(answer) == (200, json.dumps(answer.json(), separators=(",", ":")), None)
    assert list(answer.json()) == members
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/api/token/", "/sliding/token/"])
@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param({"username": "vitor", "password": "wrong"}, id="wrong password"),
        pytest.param({"username": "nobody", "password": PASSWORD}, id="unknown"),
        pytest.param({"username": "idle", "password": PASSWORD}, id="inactive"),
    ],
)
def test_a_failed_sign_in(
    client: APIClient, user: Any, form: str, path: str, credentials: dict[str, str]
) -> None:
    """401 with one sentence and no code, whoever it was."""
    idle = create_user("idle")
    idle.is_active = False
    idle.save()
    assert said(client.post(path, credentials, format=form)) == (401, NO_ACCOUNT, CHALLENGE)


@pytest.mark.parametrize("path", ["/api/token/", "/sliding/token/"])
def test_a_sign_in_with_less(client: APIClient, form: str, path: str) -> None:
    """400, and what is missing, by field."""
    missing = '{"username":["This field is required."],"password":["This field is required."]}'
    blank = '{"username":["This field may not be blank."],"password":["This field may not be blank."]}'
    assert said(client.post(path, {}, format=form)) == (400, missing, None)
    assert said(client.post(path, {"username": "", "password": ""}, format=form)) == (400, blank, None)


# --- what is in a token -------------------------------------------------------------------------------------

ACCESS_CLAIMS: Final = ["token_type", "exp", "iat", "jti", "user_id"]


def test_what_an_access_token_holds(pair: dict[str, str], user: Any) -> None:
    """Header and claims, their names, order and types; no kid, nbf, sid or sub."""
    assert header_of(pair["access"]) == b'{"alg":"HS256","typ":"JWT"}'
    claims = claims_of(pair["access"])
    assert list(claims) == ACCESS_CLAIMS
    assert claims["token_type"] == "access"
    assert claims["user_id"] == str(user.pk)
    assert claims["exp"] - claims["iat"] == 300
    assert len(bytes.fromhex(claims["jti"])) == 16


def test_what_a_refresh_token_holds(pair: dict[str, str], user: Any) -> None:
    """The same claims for a day, under another id."""
    assert header_of(pair["refresh"]) == b'{"alg":"HS256","typ":"JWT"}'
    claims = claims_of(pair["refresh"])
    assert list(claims) == ACCESS_CLAIMS
    assert (claims["token_type"], claims["exp"] - claims["iat"]) == ("refresh", 86_400)
    assert claims["jti"] != claims_of(pair["access"])["jti"]


def test_what_a_sliding_token_holds(client: APIClient, user: Any) -> None:
    """Two ends: five minutes, and a day; an exchange moves the first alone and keeps the id."""
    answer = client.post("/sliding/token/", {"username": "vitor", "password": PASSWORD}, format="json")
    token = answer.json()["token"]
    claims = claims_of(token)
    assert list(claims) == ["token_type", "exp", "iat", "jti", "refresh_exp", "user_id"]
    assert (claims["exp"] - claims["iat"], claims["refresh_exp"] - claims["iat"]) == (300, 86_400)
    answer = client.post("/sliding/token/refresh/", {"token": token}, format="json")
    assert list(answer.json()) == ["token"]
    later = claims_of(answer.json()["token"])
    assert {**later, "exp": 0, "iat": 0} == {**claims, "exp": 0, "iat": 0}
    assert later["exp"] - later["iat"] == 300


def test_configured_claims(client: APIClient, user: Any, settings: Any) -> None:
    """Audience, issuer and the digest of the password, where the settings ask for them."""
    settings.SIMPLE_JWT = {"AUDIENCE": ["a", "b"], "ISSUER": "me", "CHECK_REVOKE_TOKEN": True}
    answer = client.post("/api/token/", {"username": "vitor", "password": PASSWORD}, format="json")
    claims = claims_of(answer.json()["access"])
    assert list(claims) == [*ACCESS_CLAIMS, "hash_password", "aud", "iss"]
    assert (claims["aud"], claims["iss"]) == (["a", "b"], "me")
    assert client.get("/whoami/", headers=bearer(answer.json()["access"])).status_code == 200


# --- exchanges ----------------------------------------------------------------------------------------------


def test_a_refresh_without_rotation(client: APIClient, pair: dict[str, str], form: str) -> None:
    """By default the refresh token stays, and an access token alone comes back, every time."""
    for _ in range(2):
        answer = client.post("/api/token/refresh/", {"refresh": pair["refresh"]}, format=form)
        assert (answer.status_code, list(answer.json())) == (200, ["access"])


def test_a_refresh_with_rotation(client: APIClient, pair: dict[str, str], form: str, settings: Any) -> None:
    """The access token first, then the next refresh token."""
    settings.SIMPLE_JWT = {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}
    answer = client.post("/api/token/refresh/", {"refresh": pair["refresh"]}, format=form)
    assert (answer.status_code, list(answer.json())) == (200, ["access", "refresh"])
    answer = client.post("/api/token/refresh/", {"refresh": pair["refresh"]}, format=form)
    assert said(answer) == not_valid("Token is blacklisted")


@pytest.mark.parametrize(
    ("path", "field"),
    [("/api/token/verify/", "token"), ("/api/token/blacklist/", "refresh")],
)
def test_an_empty_answer(client: APIClient, pair: dict[str, str], form: str, path: str, field: str) -> None:
    """200 with an empty object."""
    assert said(client.post(path, {field: pair["refresh"]}, format=form)) == (200, "{}", None)


REFUSED: Final[dict[str, tuple[Callable[[Token], str], str]]] = {
    "rubbish": (lambda _: "rubbish", "Token is invalid"),
    "not ASCII": (lambda _: "ein.tökén.ist", "Token is invalid"),
    "another signature": (with_another_signature, "Token is invalid"),
    "expired": (expired, "Token is expired"),
    "not yet valid": (lambda token: altered(token, nbf=9_999_999_999), "Token is invalid"),
    "issued tomorrow": (lambda token: altered(token, iat=9_999_999_999), "Token is invalid"),
    "without an end": (lambda token: altered(token, exp=GONE), "Token has no 'exp' claim"),
    "without an id": (lambda token: altered(token, jti=GONE), "Token has no id"),
}
OF_ANOTHER_TYPE: Final[dict[str, tuple[Callable[[Token], str], str]]] = {
    "of another type": (lambda token: altered(token, token_type="other"), "Token has wrong type"),
    "without a type": (lambda token: altered(token, token_type=GONE), "Token has no type"),
}


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("why", [*REFUSED, *OF_ANOTHER_TYPE])
def test_a_refused_token(client: APIClient, user: Any, form: str, exchange: Exchange, why: str) -> None:
    """401 ``token_not_valid``, and why; the type alone is no matter of verification."""
    make, message = (REFUSED | OF_ANOTHER_TYPE)[why]
    answer = client.post(
        exchange.path, {exchange.field: make(KINDS[exchange.kind].for_user(user))}, format=form
    )
    passes = why in OF_ANOTHER_TYPE and exchange.path == VERIFY.path
    assert said(answer) == ((200, "{}", None) if passes else not_valid(message))


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_missing_token(client: APIClient, form: str, exchange: Exchange) -> None:
    """400 with the name of the field, and no challenge."""
    missing = f'{{"{exchange.field}":["This field is required."]}}'
    blank = f'{{"{exchange.field}":["This field may not be blank."]}}'
    assert said(client.post(exchange.path, {}, format=form)) == (400, missing, None)
    assert said(client.post(exchange.path, {exchange.field: ""}, format=form)) == (400, blank, None)


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "This field may not be null."),
        ([], "Not a valid string."),
        ({}, "Not a valid string."),
        (True, "Not a valid string."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_no_string_in_place_of_a_token(
    client: APIClient, exchange: Exchange, value: object, message: str
) -> None:
    """400 by field."""
    answer = client.post(exchange.path, {exchange.field: value}, format="json")
    assert said(answer) == (400, f'{{"{exchange.field}":["{message}"]}}', None)


@pytest.mark.parametrize("exchange", [REFRESH, SLIDING])
@pytest.mark.parametrize("change", ["deleted", "deactivated"])
def test_a_refresh_for_nobody(
    client: APIClient, user: Any, form: str, exchange: Exchange, change: str
) -> None:
    """A user who is gone or locked out obtains nothing: 401 with one sentence and no code."""
    token = str(KINDS[exchange.kind].for_user(user))
    if change == "deleted":
        user.delete()
    else:
        user.is_active = False
        user.save()
    assert said(client.post(exchange.path, {exchange.field: token}, format=form)) == (
        401,
        NO_ACCOUNT_FOR_TOKEN,
        CHALLENGE,
    )


def test_a_blacklisted_token(client: APIClient, pair: dict[str, str], form: str) -> None:
    """401 at the refresh and at the blacklist, 400 at the verification."""
    token = pair["refresh"]
    client.post("/api/token/blacklist/", {"refresh": token}, format=form)
    for path in ("/api/token/refresh/", "/api/token/blacklist/"):
        assert said(client.post(path, {"refresh": token}, format=form)) == not_valid("Token is blacklisted")
    verified = client.post("/api/token/verify/", {"token": token}, format=form)
    assert said(verified) == (400, '{"non_field_errors":["Token is blacklisted"]}', None)


def test_a_blacklisted_sliding_token(client: APIClient, user: Any, form: str) -> None:
    """401 at its exchange."""
    token = SlidingToken.for_user(user)
    token.blacklist()
    answer = client.post("/sliding/token/refresh/", {"token": str(token)}, format=form)
    assert said(answer) == not_valid("Token is blacklisted")


# --- a protected view ---------------------------------------------------------------------------------------


def in_header(message: str, kind: str = "AccessToken", name: str = "access") -> tuple[int, str, str | None]:
    """The answer to a token that is refused in a header."""
    messages = f'[{{"token_class":"{kind}","token_type":"{name}","message":"{message}"}}]'
    detail = "Given token not valid for any token type"
    return 401, f'{{"detail":"{detail}","code":"token_not_valid","messages":{messages}}}', CHALLENGE


@pytest.fixture(params=["/whoami/", "/stateless/"])
def protected(request: pytest.FixtureRequest) -> str:
    """Each authentication class."""
    path: str = request.param
    return path


def test_an_open_door(client: APIClient, pair: dict[str, str], user: Any, protected: str) -> None:
    """200 for a good access token."""
    answer = client.get(protected, headers=bearer(pair["access"]))
    assert said(answer) == (200, f'{{"pk":"{user.pk}"}}', None)


@pytest.mark.parametrize("why", [*REFUSED, *OF_ANOTHER_TYPE])
def test_a_refused_access_token(client: APIClient, user: Any, protected: str, why: str) -> None:
    """401 with a message for each class of token that was tried."""
    make, message = (REFUSED | OF_ANOTHER_TYPE)[why]
    token = make(AccessToken.for_user(user)).encode().decode("latin-1")
    assert said(client.get(protected, headers=bearer(token))) == in_header(message)


@pytest.mark.parametrize("kind", [RefreshToken, SlidingToken])
def test_a_token_of_another_kind_opens_nothing(
    client: APIClient, user: Any, protected: str, kind: type[Token]
) -> None:
    """A refresh token is no access token."""
    answer = client.get(protected, headers=bearer(kind.for_user(user)))
    assert said(answer) == in_header("Token has wrong type")


def test_a_message_for_each_class(client: APIClient, settings: Any, protected: str) -> None:
    """In the order of the setting; a blacklisted sliding token is named as such."""
    classes = ["rest_framework_simplejwt.tokens.SlidingToken", "rest_framework_simplejwt.tokens.AccessToken"]
    settings.SIMPLE_JWT = {"AUTH_TOKEN_CLASSES": classes}
    answer = client.get(protected, headers=bearer("rubbish")).json()
    assert [entry["token_class"] for entry in answer["messages"]] == ["SlidingToken", "AccessToken"]


def test_a_blacklisted_sliding_token_opens_nothing(
    client: APIClient, user: Any, settings: Any, protected: str
) -> None:
    """It is asked for at every request."""
    settings.SIMPLE_JWT = {"AUTH_TOKEN_CLASSES": ["rest_framework_simplejwt.tokens.SlidingToken"]}
    token = SlidingToken.for_user(user)
    assert client.get(protected, headers=bearer(token)).status_code == 200
    token.blacklist()
    refused = in_header("Token is blacklisted", "SlidingToken", "sliding")
    assert said(client.get(protected, headers=bearer(token))) == refused


@pytest.mark.parametrize("header", [None, "", "Basic abc", "JWT abc", "bearer abc", "BEARER abc", "Bear"])
def test_no_credentials(client: APIClient, protected: str, header: str | None) -> None:
    """Without a header, or with one of another scheme, which is compared letter by letter."""
    headers = {} if header is None else {"Authorization": header}
    detail = '{"detail":"Authentication credentials were not provided."}'
    assert said(client.get(protected, headers=headers)) == (401, detail, CHALLENGE)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer a b c"])
def test_a_header_of_more_or_less(client: APIClient, protected: str, header: str) -> None:
    """Two words, no more and no less."""
    detail = "Authorization header must contain two space-delimited values"
    refused = f'{{"detail":"{detail}","code":"bad_authorization_header"}}'
    answer = client.get(protected, headers={"Authorization": header})
    assert said(answer) == (401, refused, CHALLENGE)


def test_a_token_of_nobody(client: APIClient, user: Any, protected: str) -> None:
    """A token must name a user."""
    token = altered(AccessToken.for_user(user), user_id=GONE)
    detail = '{"detail":"Token contained no recognizable user identification","code":"token_not_valid"}'
    assert said(client.get(protected, headers=bearer(token))) == (401, detail, CHALLENGE)


def test_what_became_of_a_user(client: APIClient, user: Any, settings: Any) -> None:
    """A code for each: the password was changed, the user is inactive, the user is gone."""
    settings.SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True}
    headers = bearer(AccessToken.for_user(user))
    assert client.get("/whoami/", headers=headers).status_code == 200
    user.set_password("another")
    user.save()
    detail = '{"detail":"The user\'s password has been changed.","code":"password_changed"}'
    assert said(client.get("/whoami/", headers=headers)) == (401, detail, CHALLENGE)
    user.is_active = False
    user.save()
    detail = '{"detail":"User is inactive","code":"user_inactive"}'
    assert said(client.get("/whoami/", headers=headers)) == (401, detail, CHALLENGE)
    user.delete()
    detail = '{"detail":"User not found","code":"user_not_found"}'
    assert said(client.get("/whoami/", headers=headers)) == (401, detail, CHALLENGE)


# --- any method ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api/token/", "/sliding/token/", REFRESH.path, SLIDING.path, VERIFY.path, BLACKLIST.path]
)
def test_post_alone(client: APIClient, path: str) -> None:
    """405 for a GET, and a bad header is nobody's concern here."""
    answer = client.get(path, headers=bearer("rubbish"))
    assert said(answer) == (405, '{"detail":"Method \\"GET\\" not allowed."}', None)
    assert answer.headers["Allow"] == "POST, OPTIONS"
    assert client.post(path, {}, headers=bearer("rubbish"), format="json").status_code == 400
