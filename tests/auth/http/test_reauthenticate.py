"""POST session/reauthenticate/: the password again, for a fresh auth_time in the same session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from jotpass import jose
from jotpass.auth.models import Session
from tests.auth.http.contract import PASSWORD, Api, check_challenge, check_refusal, create_person, read

PATH = "session/reauthenticate/"


def test_the_same_session_with_a_new_auth_time(api: Api, pair: dict[str, Any]) -> None:
    """The answer is a pair of the same session whose auth_time is now; both tokens work."""
    Session.objects.update(auth_time=F("auth_time") - timedelta(hours=1))
    before = jose.peek_unverified(api.refresh(pair)["access"]).claims
    answer = api.post(PATH, {"password": PASSWORD}, bearer=pair["access"])
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    fresh = read(answer)
    assert fresh.keys() == {"access", "refresh", "expires_in"}
    after = jose.peek_unverified(fresh["access"]).claims
    assert after["sid"] == before["sid"]
    assert after["fid"] == before["fid"]
    assert after["auth_time"] - before["auth_time"] >= 3590
    assert api.is_live(api.refresh(fresh))


def test_a_wrong_password_is_401_and_ends_nothing(api: Api, pair: dict[str, Any]) -> None:
    """A wrong password is `no_active_account`; the session goes on as it was."""
    answer = api.post(PATH, {"password": "wrong"}, bearer=pair["access"])
    check_challenge(answer, "no_active_account", credential_came=False)
    assert api.is_live(api.refresh(pair))


def test_nobody_else_is_authenticated(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """Other fields change nothing: the password is that of the person who is signed in."""
    somebody = create_person("ada@example.org")
    somebody.set_password("another")
    somebody.save()
    body = {"password": "another", "username": "ada@example.org", "email": "ada@example.org"}
    check_challenge(api.post(PATH, body, bearer=pair["access"]), "no_active_account", credential_came=False)
    own = api.post(PATH, body | {"password": PASSWORD, "client_id": "stranger"}, bearer=pair["access"])
    assert jose.peek_unverified(read(own)["access"]).claims["sub"] == str(person.pk)


@pytest.mark.parametrize(
    "body", [None, {}, {"password": ""}, {"password": None}, {"password": 123}, {"password": []}]
)
def test_a_missing_password_is_400(api: Api, pair: dict[str, Any], body: object) -> None:
    """A request without a password is malformed at that field."""
    answer = api.post(PATH, body, bearer=pair["access"])
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"password"}


def test_without_a_token_the_password_is_not_looked_at(api: Api, person: Any) -> None:
    """Without a credential it is `token_missing`, whatever the body."""
    check_challenge(api.post(PATH, {"password": PASSWORD}), "token_missing", credential_came=False)


def test_an_ended_session_stays_ended(api: Api, pair: dict[str, Any]) -> None:
    """The right password does not bring a session back."""
    api.post("logout/", bearer=pair["access"])
    answer = api.post(PATH, {"password": PASSWORD}, bearer=pair["access"])
    check_challenge(answer, "token_revoked", credential_came=True)
