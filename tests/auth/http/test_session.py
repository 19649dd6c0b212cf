"""GET session/: who is signed in, until when, since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jotpass import jose
from tests.auth.http.contract import Api, check_challenge, read


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
