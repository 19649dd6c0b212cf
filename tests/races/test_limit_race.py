"""Sign-ins beyond SESSIONS_PER_USER at the same moment: the limit holds, and who is out knows it."""

from __future__ import annotations

import time
from uuid import uuid4

from tests.races.fleet import RACERS, Call, Fleet

LIMIT = 3
ROUNDS = 8
BOUND = 1.2
PASSWORD = "a word of this person"


def test_no_more_sessions_than_the_limit(limited_servers: Fleet) -> None:
    """However many sign in, refresh and sign out at once: at most LIMIT sessions are left, others dead."""
    alive = 0
    whoami: list[Call] = []
    for number in range(ROUNDS):
        name = uuid4().hex
        person = {"username": name, "password": PASSWORD}
        sign_in = Call("POST", "/api/token/", person)
        assert limited_servers.call(Call("POST", "/operate/create/", person)).status == 200
        held = [limited_servers.call(sign_in, process).body for process in range(LIMIT)]
        calls = [
            *[sign_in] * 9,
            *[Call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}) for pair in held],
            *[Call("POST", "/api/logout/", {"refresh": pair["refresh"]}) for pair in held],
            Call("POST", "/api/logout/", {"scope": "others", "refresh": held[0]["refresh"]}),
        ]
        answers = limited_servers.race(calls)
        assert len(answers) == RACERS
        assert {answer.status for answer in answers[:9]} == {200}
        assert {answer.status for answer in answers[9:]} <= {200, 204, 401}
        live = limited_servers.rows(
            "SELECT count(*) FROM jotpass_session s JOIN auth_user u ON u.id = s.user_id"
            " WHERE u.username = %s AND s.revoked_at IS NULL",
            name,
        )[0][0]
        assert live <= LIMIT
        refreshed = [
            limited_servers.call(Call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}), number)
            for pair in (answer.body for answer in answers[:9])
        ]
        assert [answer.status for answer in refreshed].count(200) == live
        alive += live
        whoami += [Call("GET", "/whoami/", token=answer.body["access"]) for answer in answers[:9]]
    time.sleep(BOUND)
    assert [limited_servers.call(call).status for call in whoami].count(200) == alive
