"""Guessing passwords at four processes at the same moment, counted on a real Redis or Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.races.fleet import RACERS, Call, Fleet, fleet
from tests.races.site import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.postgresql import PostgresServer
    from tests.servers.redis import RedisServer

ROUNDS = 20
LIMIT = 5
DAY = 86_400


@pytest.fixture(scope="module")
def guarded(
    postgresql_server: PostgresServer, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Four processes that share the counters, within windows that no race meets the end of."""
    limits = {
        "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": [LIMIT, DAY],
        "SIGN_IN_FAILURES_PER_NAME": [1000, DAY],
    }
    folder = tmp_path_factory.mktemp("guarded")
    with fleet(postgresql_server, folder, atomic=False, jotpass=limits, redis=redis_server.url) as running:
        yield running


def _guess(name: str, password: str = "wrong") -> Call:
    return Call("POST", "/api/token/", {"username": name, "password": password})


def test_no_more_than_the_limit_learn_that_they_were_wrong(guarded: Fleet) -> None:
    """Exactly as many as one after the other, whichever process they reach; then nobody does."""
    for number in range(ROUNDS):
        name = f"person-{number}"
        answers = guarded.race([_guess(name)] * RACERS)
        told = sorted(answer.status for answer in answers)
        assert told == [401] * LIMIT + [429] * (RACERS - LIMIT)
        assert {answer.status for answer in guarded.everywhere(_guess(name))} == {429}


def test_a_right_guess_comes_through_among_the_first_alone(guarded: Fleet, redis_server: RedisServer) -> None:
    """One of sixteen is right: it is told so, or refused with those that came too late, as is the next."""
    for number in range(ROUNDS):
        redis_server.flush()
        calls = [_guess(USERNAME)] * RACERS
        calls[number % RACERS] = _guess(USERNAME, PASSWORD)
        answers = guarded.race(calls)
        right = answers[number % RACERS].status
        wrong = [answer.status for answer in answers].count(401)
        if right == 429:
            assert wrong == LIMIT
            assert {answer.status for answer in guarded.everywhere(_guess(USERNAME, PASSWORD))} == {429}
        else:
            # The count began anew, for somebody who knows the password.
            assert right == 200
            assert wrong <= 2 * LIMIT
