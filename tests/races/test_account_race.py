"""An account changes, or rows are tidied away, at the moment at which people use their tokens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from jotpass import jose
from tests.races.fleet import PROCESSES, RACERS, Answer, Call, Fleet

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 8
BOUND = 1.2
PASSWORD = "a word of this person"
Pair = dict[str, Any]


def _operate(deed: str, **arguments: object) -> Call:
    return Call("POST", f"/operate/{deed}/", arguments)


def _refresh(token: str) -> Call:
    return Call("POST", "/api/token/refresh/", {"refresh": token})


def _sign_in(username: str) -> Call:
    return Call("POST", "/api/token/", {"username": username, "password": PASSWORD})


def _whoami(token: str) -> Call:
    return Call("GET", "/whoami/", token=token)


def _newcomer(servers: Fleet) -> str:
    username = uuid4().hex
    assert servers.call(_operate("create", username=username, password=PASSWORD)).status == 200
    return username


def _pairs(answers: Sequence[Answer]) -> list[Pair]:
    return [a.body for a in answers if a.status == 200 and "refresh" in a.body]


def _assert_dead(servers: Fleet, pairs: Sequence[Pair]) -> None:
    """No refresh token of these is answered any more, and once the bound is over no access token."""
    assert pairs
    for number, token in enumerate({pair["refresh"] for pair in pairs}):
        answer = servers.call(_refresh(token), number)
        assert (answer.status, answer.body["code"]) == (401, "refresh_invalid")
    time.sleep(BOUND)
    for number, pair in enumerate(pairs):
        assert servers.call(_whoami(pair["access"]), number % PROCESSES).status == 401


@pytest.mark.parametrize(
    ("deed", "more"),
    [("change_password", {"password": "another word"}), ("deactivate", {}), ("revoke", {})],
    ids=["change_password", "deactivate", "revoke"],
)
def test_no_refresh_outlives_a_change_of_the_account(
    any_servers: Fleet, deed: str, more: dict[str, str]
) -> None:
    """Who refreshes while a password changes, an account is closed or its sessions are revoked gets nothing.

    Nothing, that is, which works afterwards.
    """
    pairs: list[Pair] = []
    for number in range(ROUNDS):
        username = _newcomer(any_servers)
        held = [any_servers.call(_sign_in(username), process).body for process in range(5)]
        calls = [_refresh(pair["refresh"]) for pair in held for _ in range(3)]
        calls.insert(number % RACERS, _operate(deed, username=username, **more))
        answers = any_servers.race(calls)
        assert answers[number % RACERS].status == 200
        assert {answer.status for answer in answers} <= {200, 401}
        pairs += held + _pairs(answers)
    _assert_dead(any_servers, pairs)


def test_no_sign_in_slips_past_a_deactivation(any_servers: Fleet) -> None:
    """Whoever signs in while the account is closed is refused, or has a session that ends with the others."""
    pairs: list[Pair] = []
    for number in range(ROUNDS):
        username = _newcomer(any_servers)
        calls = [_sign_in(username)] * (RACERS - 1)
        calls.insert(number % RACERS, _operate("deactivate", username=username))
        answers = any_servers.race(calls)
        assert {answer.status for answer in answers} <= {200, 401}
        pairs += _pairs(answers)
        assert any_servers.call(_sign_in(username)).status == 401
    _assert_dead(any_servers, pairs)


def test_a_flush_disturbs_nobody(any_servers: Fleet) -> None:
    """While ended sessions are deleted, whoever holds one is refused and whoever holds a live one goes on."""
    for number in range(ROUNDS):
        username = _newcomer(any_servers)
        ended = [any_servers.call(_sign_in(username), process).body for process in range(4)]
        sids = [UUID(jose.peek_unverified(pair["access"]).claims["sid"]) for pair in ended]
        any_servers.execute(
            "UPDATE jotpass_session SET expires_at = now() - interval '1 day' WHERE sid = ANY(%s)", sids
        )
        live = any_servers.call(_sign_in(username)).body
        calls = [
            *[_refresh(live["refresh"])] * 4,
            *[_refresh(pair["refresh"]) for pair in ended],
            *[Call("POST", "/api/logout/", {"refresh": pair["refresh"]}) for pair in ended],
            *[_operate("flush", batch=1), _operate("flush", batch=2)] * 2,
        ]
        answers = any_servers.race(calls)
        assert [answer.status for answer in answers] == [200] * 4 + [401] * 4 + [204] * 4 + [200] * 4
        (token,) = {answer.body["refresh"] for answer in answers[:4]}
        assert any_servers.call(_refresh(token), number).status == 200
        # What a sign-out held at that moment was left for the next run.
        assert any_servers.call(_operate("flush", batch=10)).status == 200
        assert any_servers.rows("SELECT sid FROM jotpass_session WHERE sid = ANY(%s)", sids) == []


def test_a_session_ends_once(any_servers: Fleet) -> None:
    """However many sign out of one session at once: all are answered, one event says that it ended."""
    pairs: list[Pair] = []
    for number in range(ROUNDS):
        username = _newcomer(any_servers)
        pair = any_servers.call(_sign_in(username), number).body
        claims = jose.peek_unverified(pair["access"]).claims
        calls = [
            *[Call("POST", "/api/logout/", token=pair["access"])] * 5,
            *[Call("POST", "/api/logout/", {"refresh": pair["refresh"]})] * 5,
            *[Call("POST", "/api/logout/", {"scope": "all"}, pair["access"])] * 3,
            *[Call("DELETE", f"/api/sessions/{claims['sid']}/", token=pair["access"])] * 3,
        ]
        answers = any_servers.race(calls)
        assert {answer.status for answer in answers[:10]} == {204}
        assert {answer.status for answer in answers[10:]} <= {204, 401, 404}
        assert any_servers.session_events("signed_out", claims["sid"]) == 1
        pairs.append(pair)
    _assert_dead(any_servers, pairs)
