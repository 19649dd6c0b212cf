"""Signing out at the moment of a refresh, and everything else at once on one session."""

from __future__ import annotations

import time
from typing import Any

from tests.races.fleet import PROCESSES, RACERS, Call, Fleet
from tests.races.site import PASSWORD, USERNAME

ROUNDS = 30
BOUND = 1.2


def _refresh(token: str) -> Call:
    return Call("POST", "/api/token/refresh/", {"refresh": token})


def _tokens(answers: list[Any], kind: str) -> set[str]:
    return {answer.body[kind] for answer in answers if answer.status == 200 and kind in answer.body}


def test_no_refresh_outlives_a_sign_out(servers: Fleet) -> None:
    """Whoever refreshes while the session is ended: nothing that came of it works afterwards."""
    access: set[str] = set()
    answered: set[int] = set()
    for number in range(ROUNDS):
        pair = servers.sign_in(number)
        if number % 2:
            sign_out = Call("POST", "/api/logout/", {"refresh": pair["refresh"]})
        else:
            sign_out = Call("POST", "/api/logout/", token=pair["access"])
        calls = [_refresh(pair["refresh"])] * RACERS
        calls[number % RACERS] = sign_out
        # All at once, or one after the other: where machines are fast, the sign-out always comes last.
        answers = servers.race(calls, apart=0.002 * (number % 3))
        assert answers[number % RACERS].status == 204
        assert {answer.status for answer in answers} <= {200, 204, 401}
        answered |= {answer.status for answer in answers}
        access |= _tokens(answers, "access") | {pair["access"]}
        for token in _tokens(answers, "refresh") | {pair["refresh"]}:
            for answer in servers.everywhere(_refresh(token)):
                assert (answer.status, answer.body["code"]) == (401, "refresh_invalid")
    assert answered == {200, 204, 401}, "no round was close: nothing raced"
    time.sleep(BOUND)
    for number, token in enumerate(access):
        assert servers.call(Call("GET", "/whoami/", token=token), number % PROCESSES).status == 401


def test_everything_at_once(servers: Fleet) -> None:
    """Refresh, re-authenticate, label, list, revoke and sign out, all on one session: no 5xx, no hang."""
    for number in range(ROUNDS):
        pair = servers.sign_in(number)
        sid = servers.call(Call("GET", "/api/session/", token=pair["access"])).body["sid"]
        bearer = pair["access"]
        password = {"password": PASSWORD}
        calls = [
            *[_refresh(pair["refresh"])] * 4,
            *[Call("POST", "/api/session/reauthenticate/", password, bearer)] * 4,
            *[Call("PATCH", f"/api/sessions/{sid}/", {"label": str(number)}, bearer)] * 2,
            Call("GET", "/api/sessions/", token=bearer),
            Call("POST", "/api/token/revoke/", {"token": pair["refresh"]}),
            Call("POST", "/api/logout/", token=bearer),
            Call("POST", "/api/logout/", {"scope": "all"}, bearer),
            Call("DELETE", f"/api/sessions/{sid}/", token=bearer),
            Call("POST", "/api/logout/", {"refresh": pair["refresh"]}),
        ]
        answers = servers.race(calls)
        assert {answer.status for answer in answers} <= {200, 204, 401, 404}
        for token in _tokens([a for a in answers if isinstance(a.body, dict)], "refresh"):
            assert servers.call(_refresh(token)).status == 401


def test_many_sign_in_at_once(servers: Fleet) -> None:
    """Sign-ins of one person do not disturb each other: as many live sessions as were begun."""
    servers.call(Call("POST", "/api/logout/", {"scope": "all"}, servers.sign_in()["access"]))
    body = {"username": USERNAME, "password": PASSWORD}
    answers = servers.race([Call("POST", "/api/token/", body)] * RACERS)
    assert {answer.status for answer in answers} == {200}
    listed = servers.call(Call("GET", "/api/sessions/", token=answers[0].body["access"])).body
    assert len(listed) == RACERS
