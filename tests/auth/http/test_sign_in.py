"""POST token/: username and password for a token pair."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from jotpass import jose
from jotpass.auth.models import Session
from tests.auth.http.contract import PASSWORD, Api, check_challenge, check_refusal, create_person, read


def test_it_answers_a_pair(api: Api, person: Any) -> None:
    """Sign-in answers access, refresh and expires_in, and nothing else; no cache may keep them."""
    answer = api.post("token/", {"username": person.get_username(), "password": PASSWORD})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    body = read(answer)
    assert body.keys() == {"access", "refresh", "expires_in"}
    assert body["expires_in"] == 300
    assert api.is_live(body)


def test_the_access_token_is_one_of_rfc_9068(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """The access token has the type and the claims of RFC 9068 s2, and names the person by primary key."""
    token = jose.peek_unverified(pair["access"])
    assert token.header["typ"] == "at+jwt"
    assert {
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "jti",
        "client_id",
        "sid",
        "fid",
        "auth_time",
    } <= token.claims.keys()
    assert token.claims["sub"] == str(person.pk)
    assert token.claims["client_id"] == "first-party"
    assert token.claims["exp"] - token.claims["iat"] == 300


def test_the_field_may_have_the_name_of_the_user_model(api: Api, person: Any) -> None:
    """Where people are named by another field, that name is understood beside `username`."""
    name = get_user_model().USERNAME_FIELD
    answer = api.post("token/", {name: person.get_username(), "password": PASSWORD})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("vitor@example.org", "wrong"),
        ("vitor@example.org", f"{PASSWORD} "),
        ("vitor@example.org", PASSWORD.upper()),
        (" vitor@example.org", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("vitor@example.org' OR 1=1 --", PASSWORD),
    ],
)
def test_wrong_credentials_all_look_alike(api: Api, person: Any, username: str, password: str) -> None:
    """A wrong password and an unknown name get the same 401, byte for byte, and start nothing."""
    answer = api.post("token/", {"username": username, "password": password})
    check_challenge(answer, "no_active_account", credential_came=False)
    unknown = api.post("token/", {"username": "somebody", "password": "else"})
    assert answer.content == unknown.content
    assert not Session.objects.exists()


def test_an_inactive_account_cannot_sign_in(api: Api, transactional_db: None) -> None:
    """An inactive account with the right password gets the answer of a wrong one."""
    person = create_person(is_active=False)
    answer = api.post("token/", {"username": person.get_username(), "password": PASSWORD})
    check_challenge(answer, "no_active_account", credential_came=False)


def test_a_credential_in_the_header_changes_nothing(api: Api, person: Any) -> None:
    """Sign-in does not look at Authorization: an expired token there never keeps a person out."""
    answer = api.post(
        "token/", {"username": person.get_username(), "password": PASSWORD}, bearer="of.former.days"
    )
    assert answer.status_code == 200


def test_an_unknown_client_is_refused(api: Api, person: Any) -> None:
    """A client_id outside CLIENTS is 400 at its field, and starts nothing."""
    answer = api.post(
        "token/", {"username": person.get_username(), "password": PASSWORD, "client_id": "stranger"}
    )
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"client_id"}
    assert not Session.objects.exists()


def test_a_known_client_is_named_in_the_token(api: Api, person: Any, settings: Any) -> None:
    """A client_id out of CLIENTS becomes the claim of that name."""
    settings.JOTPASS = {"CLIENTS": ["web", "phone"]}
    pair = api.sign_in(person, client_id="phone")
    assert jose.peek_unverified(pair["access"]).claims["client_id"] == "phone"


def test_without_the_default_client_one_must_be_named(api: Api, person: Any, settings: Any) -> None:
    """Where CLIENTS lacks the default, a sign-in that names no client is 400, not a mistake of ours."""
    settings.JOTPASS = {"CLIENTS": ["web"]}
    answer = api.post("token/", {"username": person.get_username(), "password": PASSWORD})
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"client_id"}


def test_each_sign_in_is_a_session_of_its_own(api: Api, person: Any) -> None:
    """Two sign-ins share nothing: ending one leaves the other."""
    one, other = api.sign_in(person), api.sign_in(person)
    assert api.post("logout/", bearer=one["access"]).status_code == 204
    assert not api.is_live(one)
    assert api.is_live(other)


def test_a_wish_to_be_remembered_reaches_the_project(api: Api, person: Any, settings: Any) -> None:
    """`remember_me` is true or false, false when it is missing, and handed to LIFETIMES."""
    wishes: list[bool] = []

    def decide(*_: Any, remember_me: bool, **__: Any) -> None:
        wishes.append(remember_me)

    settings.JOTPASS = {"LIFETIMES": decide}
    api.sign_in(person, remember_me=True)
    api.sign_in(person, remember_me=False)
    api.sign_in(person)
    assert wishes == [True, False, False]


@pytest.mark.parametrize("value", [1, 0, "true", "on", "", None, [], {}, 1.5], ids=repr)
def test_a_wish_is_true_or_false(api: Api, person: Any, value: object) -> None:
    """Nothing else is taken for either."""
    body = {"username": person.get_username(), "password": PASSWORD, "remember_me": value}
    assert check_refusal(api.post("token/", body), "malformed_request")["errors"].keys() == {"remember_me"}
