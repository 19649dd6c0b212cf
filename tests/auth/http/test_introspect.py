"""POST token/introspect/ (RFC 7662): a service asks what a token is worth."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from jotpass.auth.client_secrets import hash_client_secret
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.revocation import feed, revoke_family
from jotpass.testing import fresh_feed
from tests.auth.http.contract import FORM, JSON, Api, check_refusal, create_person, read
from tests.auth.http.signed_tokens import claims_of, expired_access_token, sign_access_token

if TYPE_CHECKING:
    from django.http import HttpResponse

SECRET = "jps_the-Secret-of-orders-and-of-another-service"
OLD_SECRET = "jps_the-Secret-that-orders-had-before"
ODD_NAME = "orders: 100 % é"
CLIENTS = {
    "orders": [hash_client_secret(SECRET), hash_client_secret(OLD_SECRET)],
    ODD_NAME: hash_client_secret(SECRET),
}


@pytest.fixture(autouse=True)
def clients(settings: Any) -> None:
    """Two services, one of which is changing its secret."""
    settings.JOTPASS = {"INTROSPECTION_CLIENTS": CLIENTS}


def basic(name: str = "orders", secret: str = SECRET) -> dict[str, str]:
    """The header of a client (RFC 6749 s2.3.1)."""
    text = f"{quote_plus(name)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def introspect(api: Api, token: str, **headers: str) -> HttpResponse:
    """Ask about a token, as the service `orders` unless headers say otherwise."""
    body = urlencode({"token": token}).encode()
    return api.post("token/introspect/", body, content_type=FORM, headers=headers or basic())


def is_active(api: Api, token: str) -> bool:
    """Whether a token is active; the answer about any other is always the same."""
    answer = introspect(api, token)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = read(answer)
    if not body["active"]:
        assert body == {"active": False}
    return bool(body["active"])


def test_a_live_access_token_is_described(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """Every claim of it, and beside them `active`, `token_type` and `username`."""
    body = read(introspect(api, pair["access"]))
    claims = claims_of(pair["access"])
    assert body == claims | {"active": True, "token_type": "Bearer", "username": person.get_username()}
    assert body["sub"] == str(person.pk)
    assert {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid"} <= body.keys()


def test_scope_and_claims_of_the_project_are_told(api: Api, person: Any, settings: Any) -> None:
    """What the token says, nested or not; nothing of it can pass for what the protocol says."""
    own = {"roles": ["a", {"b": [1, None]}], "active": False, "username": "root", "token_type": "mac"}
    settings.JOTPASS |= {"SCOPES": ["read"], "CLAIMS": lambda *_: own}
    body = read(introspect(api, api.sign_in(person, scope="read")["access"]))
    assert body["scope"] == "read"
    assert body["roles"] == ["a", {"b": [1, None]}]
    assert (body["active"], body["token_type"]) == (True, "Bearer")
    assert body["username"] == person.get_username()


def test_json_is_understood_besides(api: Api, pair: dict[str, Any]) -> None:
    """As at `token/revoke/`."""
    answer = api.post("token/introspect/", {"token": pair["access"]}, headers=basic())
    assert read(answer)["active"] is True


def test_everything_else_is_inactive(api: Api, pair: dict[str, Any], settings: Any) -> None:
    """Malformed, forged, expired, odd, of another site, or a refresh token: the same bytes for all."""
    refresh = api.refresh(pair)["refresh"]
    claims = claims_of(pair["access"])
    tokens = [
        "",
        "garbage",
        "\x00",
        "é" * 100,
        pair["access"][:-8] + "AAAAAAAA",
        expired_access_token(pair["access"]),
        sign_access_token(claims | {"iss": "https://other.example"}),
        sign_access_token(claims | {"aud": "https://other.example"}),
        sign_access_token(claims | {"sub": "0"}),
        sign_access_token(claims | {"sid": "00000000-0000-7000-8000-000000000000"}),
        sign_access_token(claims | {"fid": "none"}),
        sign_access_token(claims | {"iat": time.time() + 3600, "exp": time.time() + 7200}),
        sign_access_token([]),
        pair["refresh"],
        refresh,
    ]
    assert {introspect(api, token).content for token in tokens} == {b'{"active":false}'}
    assert is_active(api, pair["access"])
    assert api.post("token/refresh/", {"refresh": refresh}).status_code == 200, "asking uses nothing up"


@pytest.mark.parametrize("by", ["session", "family", "token", "password", "deactivation", "deletion", "end"])
def test_the_database_is_asked(api: Api, person: Any, pair: dict[str, Any], by: str) -> None:
    """A process whose feed has not heard of a revocation yet still answers `active: false`."""
    assert is_active(api, pair["access"])
    people = type(person)._base_manager.filter(pk=person.pk)
    with fresh_feed():
        if by == "session":
            api.post("logout/", bearer=pair["access"])
        elif by == "family":
            revoke_family(TokenFamily.objects.get().fid, reason="test")
        elif by == "token":
            api.post("token/revoke/", {"token": pair["access"]})
        elif by == "password":
            people.update(password="another")
        elif by == "deactivation":
            people.update(is_active=False)
        elif by == "deletion":
            Session.objects.all().delete()
            people.delete()
        else:
            Session.objects.update(expires_at=Session.objects.get().created_at)
        feed._revoked.clear()
        assert not is_active(api, pair["access"])


@pytest.mark.parametrize("revocation", ["none", "feed", "strict"])
def test_whom_the_queryset_leaves_out_is_inactive(
    api: Api, person: Any, pair: dict[str, Any], settings: Any, revocation: str
) -> None:
    """As every view refuses them; told the same token, and active again when they are back in it."""
    told: list[str] = []

    def without_staff(access_token: Any) -> Any:
        told.append(access_token.token_id)
        return get_user_model()._default_manager.filter(is_staff=False)

    settings.JOTPASS |= {"REVOCATION": revocation, "REQUEST_USER": "load", "USER_QUERYSET": without_staff}
    people = type(person)._base_manager.filter(pk=person.pk)
    for staff in (False, True, False):
        people.update(is_staff=staff)
        assert api.is_live(pair) is not staff
        assert is_active(api, pair["access"]) is not staff
    assert told == [claims_of(pair["access"])["jti"]] * 6


def test_a_queryset_that_no_view_asks_is_not_asked(api: Api, pair: dict[str, Any], settings: Any) -> None:
    """With REQUEST_USER `deferred` it keeps nobody out (jotpass.E050)."""
    settings.JOTPASS |= {"USER_QUERYSET": lambda _: get_user_model()._default_manager.none()}
    assert api.is_live(pair)
    assert is_active(api, pair["access"])


def test_a_token_revoked_alone_leaves_the_others(api: Api, pair: dict[str, Any]) -> None:
    """The next one of the same family is active."""
    fresh = api.refresh(pair)
    api.post("token/revoke/", {"token": pair["access"]})
    assert not is_active(api, pair["access"])
    assert is_active(api, fresh["access"])


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic é",
        f"Basic {base64.b64encode(b'orders').decode()}",
        f"Basic {base64.b64encode(b'orders:' + bytes([255])).decode()}",
        f"Basic {base64.b64encode(f'orders:{SECRET}%ff'.encode()).decode()}",
        f"Basic {base64.b64encode(f'{SECRET}:orders'.encode()).decode()}",
        basic(secret="")["Authorization"],
        basic(secret=f"{SECRET} ")["Authorization"],
        basic(secret=SECRET.upper())["Authorization"],
        basic(secret=hash_client_secret(SECRET))["Authorization"],
        basic("stranger")["Authorization"],
        basic("stranger", "")["Authorization"],
        basic(ODD_NAME, OLD_SECRET)["Authorization"],
        f"Bearer {SECRET}",
    ],
)
def test_strangers_are_told_nothing(api: Api, pair: dict[str, Any], header: str) -> None:
    """401 `invalid_client` with the challenge of RFC 7617, whatever the token."""
    answers = [introspect(api, token, Authorization=header) for token in (pair["access"], "garbage", "")]
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        check_refusal(answer, "invalid_client")
        assert answer["WWW-Authenticate"] == 'Basic realm="api", charset="UTF-8"'


def test_a_person_is_no_service(api: Api, pair: dict[str, Any]) -> None:
    """An access token is no credential here."""
    check_refusal(api.post("token/introspect/", {"token": "x"}, bearer=pair["access"]), "invalid_client")


@pytest.mark.parametrize(
    "headers",
    [
        basic(),
        basic(secret=OLD_SECRET),
        basic(ODD_NAME),
        {"Authorization": basic()["Authorization"].lower()[:5] + basic()["Authorization"][5:]},
    ],
)
def test_each_secret_of_a_client_opens(api: Api, pair: dict[str, Any], headers: dict[str, str]) -> None:
    """While a secret is changed both do; names and secrets are form-encoded (RFC 6749 s2.3.1)."""
    assert read(introspect(api, pair["access"], **headers))["active"] is True


def test_without_the_setting_everybody_is_a_stranger(api: Api, pair: dict[str, Any], settings: Any) -> None:
    """The endpoint is closed until the project names a client."""
    settings.JOTPASS = {}
    check_refusal(introspect(api, pair["access"]), "invalid_client")


def test_a_request_without_a_token_is_malformed(api: Api, person: Any) -> None:
    """RFC 7662 s2.1: `token` is required."""
    answer = api.post(
        "token/introspect/", b"token_type_hint=access_token", content_type=FORM, headers=basic()
    )
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"token"}
    twice = api.post("token/introspect/", b"token=a&token=b", content_type=FORM, headers=basic())
    check_refusal(twice, "malformed_request")
    assert api.post("token/introspect/", b"x", content_type="text/plain", headers=basic()).status_code == 415
    assert api.post("token/introspect/", {"token": 7}, content_type=JSON, headers=basic()).status_code == 400


def test_the_user_name_is_the_one_of_today(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """It is read and not remembered."""
    name = get_user_model().USERNAME_FIELD
    type(person)._base_manager.filter(pk=person.pk).update(**{name: "another@example.org"})
    assert read(introspect(api, pair["access"]))["username"] == "another@example.org"
    other = create_person("ada@example.org")
    assert read(introspect(api, api.sign_in(other)["access"]))["username"] == "ada@example.org"


def test_the_command_makes_a_secret_that_works(
    api: Api, pair: dict[str, Any], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """`manage.py jotpass secret` prints a new secret, and what the settings keep of it."""
    call_command("jotpass", "secret")
    words = capsys.readouterr().out.split()
    secret = next(word for word in words if word.startswith("jps_"))
    settings.JOTPASS = {"INTROSPECTION_CLIENTS": {"orders": words[-1]}}
    assert secret not in words[-1]
    assert read(introspect(api, pair["access"], **basic(secret=secret)))["active"] is True
    call_command("jotpass", "secret")
    assert secret not in capsys.readouterr().out
