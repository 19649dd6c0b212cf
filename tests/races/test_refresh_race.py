"""Many clients present one refresh token at the same moment, to several processes (RFC 9700 s4.14.2)."""

from __future__ import annotations

import os
from uuid import UUID

from jotpass import jose
from tests.races.fleet import RACERS, Call, Fleet

ROUNDS = int(os.environ.get("JOTPASS_RACE_ROUNDS", "30"))
"""How often all of them race; `make races` says 500."""
REUSE_ROUNDS = 20
GENERATION = "SELECT generation, parent, revoked_at FROM jotpass_tokenfamily WHERE fid = %s"


def _family(token: str) -> UUID:
    return UUID(jose.peek_unverified(token).claims["fid"])


def _refresh(token: str) -> Call:
    return Call("POST", "/api/token/refresh/", {"refresh": token})


def _whoami(token: str) -> Call:
    return Call("GET", "/whoami/", token=token)


def test_one_generation_for_all_racers(any_servers: Fleet) -> None:
    """However many race: one generation advanced, the same current token for everybody, and it works."""
    token = any_servers.sign_in()["refresh"]
    family = _family(token)
    for generation in range(1, ROUNDS + 1):
        answers = any_servers.race([_refresh(token)] * RACERS)
        assert {answer.status for answer in answers} == {200}
        assert any_servers.rows(GENERATION, family) == [(generation + 1, generation, None)]
        (token,) = {answer.body["refresh"] for answer in answers}
        opened = any_servers.race([_whoami(answer.body["access"]) for answer in answers])
        assert {answer.status for answer in opened} == {200}
    assert any_servers.call(_refresh(token)).status == 200
    assert any_servers.events("refreshed", str(family)) == ROUNDS + 1
    assert any_servers.events("reuse_detected", str(family)) == 0


def test_reuse_revokes_once(any_servers: Fleet) -> None:
    """Many present a token of two generations ago: all are refused, the family is dead, one event says so."""
    for _ in range(REUSE_ROUNDS):
        old = any_servers.sign_in()
        child = any_servers.call(_refresh(old["refresh"]), 1).body
        current = any_servers.call(_refresh(child["refresh"]), 2).body
        answers = any_servers.race([_refresh(old["refresh"])] * RACERS)
        assert {(answer.status, answer.body["code"]) for answer in answers} == {(401, "refresh_invalid")}
        family = _family(old["refresh"])
        assert any_servers.rows(GENERATION, family)[0][2] is not None
        assert [answer.status for answer in any_servers.everywhere(_refresh(current["refresh"]))] == [401] * 4
        assert any_servers.events("reuse_detected", str(family)) == 1
        assert any_servers.events("revoked", str(family)) == 1


def test_one_winner_where_nothing_is_forgiven(unforgiving_servers: Fleet) -> None:
    """Without grace and recovery exactly one racer is answered, and the others' reuse ends the family."""
    for _ in range(REUSE_ROUNDS):
        token = unforgiving_servers.sign_in()["refresh"]
        answers = unforgiving_servers.race([_refresh(token)] * RACERS)
        assert sorted(answer.status for answer in answers) == [200] + [401] * (RACERS - 1)
        (winner,) = [answer.body for answer in answers if answer.status == 200]
        family = _family(token)
        generation, parent, revoked_at = unforgiving_servers.rows(GENERATION, family)[0]
        assert (generation, parent) == (2, 1)
        assert revoked_at is not None
        assert unforgiving_servers.call(_refresh(winner["refresh"])).status == 401
        assert unforgiving_servers.events("reuse_detected", str(family)) == 1
