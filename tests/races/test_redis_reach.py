"""With Redis, what one process revokes the others refuse long before they would read the database again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.races.fleet import Call, Fleet, fleet
from tests.server.program import until
from tests.servers.redis import RedisServer, redis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.postgresql import PostgresServer

BOUND = 1.2
ROUNDS = 12
SOON = 0.3
"""Seconds within which three of ten would be noticed by chance, without Redis."""


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A Redis that the tests may stop."""
    with redis() as running:
        yield running


@pytest.fixture(scope="module")
def servers(
    postgresql_server: PostgresServer, server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Processes that tell each other over that Redis."""
    jotpass = {"REVOCATION_REDIS_URL": server.url}
    with fleet(postgresql_server, tmp_path_factory.mktemp("fleet"), atomic=False, jotpass=jotpass) as running:
        yield running


def refuses(servers: Fleet, token: str, *, within: float) -> bool:
    """Whether the second process refuses a token within so many seconds of being asked all the time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if servers.call(Call("GET", "/whoami/", token=token), 1).status == 401:
            return True
        time.sleep(0.002)
    return False


def noticed(servers: Fleet, *, within: float) -> int:
    """Of ROUNDS sessions that end at the first process, how many the second refuses within the time.

    All of them within the bound of the database, in any case.
    """
    count = 0
    for number in range(ROUNDS):
        token = servers.sign_in()["access"]
        time.sleep(number % 4 / 10)
        assert servers.call(Call("GET", "/whoami/", token=token), 1).status == 200
        assert servers.call(Call("POST", "/api/logout/", token=token)).status == 204
        count += refuses(servers, token, within=within)
        assert refuses(servers, token, within=BOUND)
    return count


def wait_for(servers: Fleet, *, connected: bool) -> None:
    """Until both processes say so; a request makes one that has read nothing begin."""
    call = Call("GET", "/whoami/", token=servers.sign_in()["access"])
    assert [servers.call(call, process).status for process in (0, 1)] == [200, 200]
    readyz = Call("GET", "/readyz")
    until(
        lambda: all(servers.call(readyz, process).body["redis_connected"] is connected for process in (0, 1))
    )


def test_it_is_refused_at_once(servers: Fleet) -> None:
    """Three of four within a time in which the database alone would show three of ten."""
    wait_for(servers, connected=True)
    assert noticed(servers, within=SOON) >= ROUNDS * 3 / 4


def test_redis_may_be_away(servers: Fleet, server: RedisServer) -> None:
    """Requests are answered, revocations arrive within the database's bound, and Redis is found again."""
    wait_for(servers, connected=True)
    server.process.stop()
    try:
        wait_for(servers, connected=False)
        noticed(servers, within=BOUND)
    finally:
        server.process.start()
    wait_for(servers, connected=True)
    assert noticed(servers, within=SOON) >= ROUNDS * 3 / 4
