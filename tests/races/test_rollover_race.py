"""Processes roll the signing key over at the same moment, while people sign in and refresh."""

from __future__ import annotations

import time

from jotpass import jose
from tests.races.fleet import RACERS, Call, Fleet
from tests.races.site import PASSWORD, USERNAME

ROUNDS = 4
BOUND = 1.2
ROLLOVERS = 6
SIGNING = "SELECT kid FROM jotpass_signingkey WHERE state = 'signing'"


def _whoami(token: str) -> Call:
    return Call("GET", "/whoami/", token=token)


def test_the_first_sign_ins_make_one_key(signing_servers: Fleet) -> None:
    """Before there is any key many sign in at once: one key signs, and all their tokens are accepted."""
    signing_servers.execute("DELETE FROM jotpass_signingkey")
    time.sleep(BOUND)
    person = {"username": USERNAME, "password": PASSWORD}
    answers = signing_servers.race([Call("POST", "/api/token/", person)] * RACERS)
    assert {answer.status for answer in answers} == {200}
    assert len(signing_servers.rows(SIGNING)) == 1
    time.sleep(BOUND)
    for answer in answers:
        assert [a.status for a in signing_servers.everywhere(_whoami(answer.body["access"]))] == [200] * 4


def test_one_key_signs_however_many_roll_over(signing_servers: Fleet) -> None:
    """One of them rolls over, the others find it done; every token of before and of meanwhile is accepted."""
    pair = signing_servers.sign_in()
    issued: list[str] = [pair["access"]]
    signed_by: set[str] = set()
    for _ in range(ROUNDS):
        before = signing_servers.rows(SIGNING)
        refresh = Call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]})
        rollover = Call("POST", "/operate/rollover/", {})
        answers = signing_servers.race([rollover] * ROLLOVERS + [refresh] * (RACERS - ROLLOVERS))
        assert {answer.status for answer in answers} == {200}
        after = signing_servers.rows(SIGNING)
        assert len(before) == len(after) == 1
        assert before != after
        refreshed = [answer.body for answer in answers[ROLLOVERS:]]
        pair = refreshed[0]
        assert {body["refresh"] for body in refreshed} == {pair["refresh"]}
        issued += [body["access"] for body in refreshed]
        time.sleep(BOUND)
        for token in issued[-RACERS:]:
            assert [answer.status for answer in signing_servers.everywhere(_whoami(token))] == [200] * 4
        signed_by |= {str(jose.peek_unverified(token).header["kid"]) for token in issued}
        published = signing_servers.call(Call("GET", "/.well-known/jwks.json")).body["keys"]
        assert signed_by <= {key["kid"] for key in published}
    assert len(signed_by) > 1
    assert {signing_servers.call(_whoami(token)).status for token in issued} == {200}
