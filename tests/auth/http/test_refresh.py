"""POST token/refresh/: a refresh token for a new pair, and what becomes of those that were replaced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from jotpass.auth.models import Revocation, Session, TokenFamily
from tests.auth.http.contract import Api, check_challenge, read


def _grow_older(seconds: float) -> None:
    TokenFamily.objects.update(rotated_at=F("rotated_at") - timedelta(seconds=seconds))


def test_it_answers_a_new_pair(api: Api, pair: dict[str, Any]) -> None:
    """A refresh answers the shape of a sign-in, with two new tokens that work."""
    answer = api.post("token/refresh/", {"refresh": pair["refresh"]})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = read(answer)
    assert body.keys() == {"access", "refresh", "expires_in"}
    assert body["refresh"] != pair["refresh"]
    assert body["access"] != pair["access"]
    assert api.is_live(body)
    assert api.is_live(api.refresh(body))


def test_the_parent_inside_the_grace_gets_the_same_token(api: Api, pair: dict[str, Any]) -> None:
    """Inside the grace window the parent is answered the current refresh token, byte for byte."""
    child = api.refresh(pair)
    again = api.refresh(pair)
    assert again["refresh"] == child["refresh"]
    assert api.is_live(again)


def test_the_parent_after_the_grace_recovers(api: Api, pair: dict[str, Any]) -> None:
    """After the grace the parent starts over; its unused successor is dead, with the family."""
    lost = api.refresh(pair)
    _grow_older(11)
    recovered = api.refresh(pair)
    assert recovered["refresh"] != lost["refresh"]
    answer = api.post("token/refresh/", {"refresh": lost["refresh"]})
    check_challenge(answer, "refresh_invalid", credential_came=False)
    check_challenge(
        api.post("token/refresh/", {"refresh": recovered["refresh"]}),
        "refresh_invalid",
        credential_came=False,
    )


def test_a_grandparent_is_reuse(api: Api, pair: dict[str, Any]) -> None:
    """A grandparent revokes the family: its refresh tokens and its access tokens are refused at once."""
    child = api.refresh(pair)
    grandchild = api.refresh(child)
    answer = api.post("token/refresh/", {"refresh": pair["refresh"]})
    check_challenge(answer, "refresh_invalid", credential_came=False)
    for dead in (pair, child, grandchild):
        assert not api.is_live(dead)
        again = api.post("token/refresh/", {"refresh": dead["refresh"]})
        check_challenge(again, "refresh_invalid", credential_came=False)
    assert TokenFamily.objects.get().revoked_reason == "reuse_detected"
    assert Revocation.objects.filter(key=str(TokenFamily.objects.get().fid)).count() == 1


def test_without_recovery_a_late_parent_is_reuse(api: Api, pair: dict[str, Any], settings: Any) -> None:
    """With REFRESH_RECOVERY 0, any parent after the grace revokes the family."""
    settings.JOTPASS = {"REFRESH_RECOVERY": 0}
    child = api.refresh(pair)
    _grow_older(11)
    check_challenge(
        api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid", credential_came=False
    )
    assert not api.is_live(child)


def test_without_grace_and_recovery_one_use_is_all(api: Api, pair: dict[str, Any], settings: Any) -> None:
    """With both at 0, the second use of a refresh token revokes the family."""
    settings.JOTPASS = {"REFRESH_RECOVERY": 0, "REFRESH_REUSE_GRACE": 0}
    child = api.refresh(pair)
    check_challenge(
        api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid", credential_came=False
    )
    assert not api.is_live(child)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "....", "é", "x" * 60_000, "null"])
def test_a_string_that_is_no_refresh_token(api: Api, pair: dict[str, Any], token: str) -> None:
    """Whatever string it is, the answer is the one of every refused refresh token."""
    answer = api.post("token/refresh/", {"refresh": token})
    check_challenge(answer, "refresh_invalid", credential_came=False)


def test_an_access_token_does_not_refresh(api: Api, pair: dict[str, Any]) -> None:
    """An access token in place of a refresh token is refused and does no harm."""
    answer = api.post("token/refresh/", {"refresh": pair["access"]})
    check_challenge(answer, "refresh_invalid", credential_came=False)
    assert api.is_live(api.refresh(pair))


def test_nothing_outlives_the_session(api: Api, pair: dict[str, Any]) -> None:
    """Once the session has reached its end, its refresh token is refused."""
    Session.objects.update(expires_at=F("created_at"))
    answer = api.post("token/refresh/", {"refresh": pair["refresh"]})
    check_challenge(answer, "refresh_invalid", credential_came=False)


def test_refused_tokens_all_look_alike(api: Api, pair: dict[str, Any]) -> None:
    """Garbage, a reused token and one of a revoked family get the same bytes: a thief learns nothing."""
    api.refresh(api.refresh(pair))
    answers = {
        api.post("token/refresh/", {"refresh": token}).content
        for token in ("garbage", pair["refresh"], pair["refresh"], pair["access"])
    }
    assert len(answers) == 1
