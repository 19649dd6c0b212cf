"""GET session/: who is signed in, until when, since when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db.models.functions import Now

from jotpass import jose
from jotpass.auth.models import Session, TokenFamily
from tests.auth.http.contract import Api, check_challenge, check_refusal, read


def test_it_says_who_and_when(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """It names the person, the session, and the moments of authentication and of both ends, zoned."""
    answer = api.get("session/", bearer=pair["access"])
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = read(answer)
    assert body["user"] == {"id": str(person.pk), "username": person.get_username()}
    claims = jose.peek_unverified(pair["access"]).claims
    assert body["sid"] == claims["sid"]
    assert body["client_id"] == "first-party"
    assert datetime.fromisoformat(body["auth_time"]).timestamp() == claims["auth_time"]
    assert datetime.fromisoformat(body["expires_at"]).timestamp() == claims["exp"]
    ends = datetime.fromisoformat(body["session_expires_at"]) - datetime.fromisoformat(body["auth_time"])
    assert 13 <= ends.days <= 14


def test_without_a_credential(api: Api, transactional_db: None) -> None:
    """Without a token it is `token_missing`, and the challenge names no error."""
    check_challenge(api.get("session/"), "token_missing", credential_came=False)


def test_a_fresh_token_keeps_auth_time(api: Api, pair: dict[str, Any]) -> None:
    """A refresh is no authentication: auth_time stays."""
    before = jose.peek_unverified(pair["access"]).claims["auth_time"]
    assert jose.peek_unverified(api.refresh(pair)["access"]).claims["auth_time"] == before


def test_a_session_is_judged_by_itself(api: Api, pair: dict[str, Any]) -> None:
    """An access token that works elsewhere works here: it may outlive the refresh token beside it."""
    TokenFamily.objects.update(idle_expires_at=Now() - timedelta(seconds=1))
    assert api.is_live(pair)
    assert api.get("session/", bearer=pair["access"]).status_code == 200


@pytest.mark.parametrize("change", [{"revoked_at": Now()}, {"expires_at": Now()}], ids=str)
def test_a_session_that_has_ended(api: Api, pair: dict[str, Any], change: dict[str, Any]) -> None:
    """Revoked or past its end, before any feed says so."""
    Session.objects.update(**change)
    check_refusal(api.get("session/", bearer=pair["access"]), "token_revoked")


def test_a_user_name_need_not_be_text(
    api: Api, person: Any, pair: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user model may be named by a foreign key, and ``get_username()`` is then an object."""
    monkeypatch.setattr(type(person), "get_username", lambda _: ContentType(model="badge"))
    answer = read(api.get("session/", bearer=pair["access"]))
    assert answer["user"]["username"] == str(ContentType(model="badge"))
