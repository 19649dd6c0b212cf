"""Redis or Valkey is killed, frozen and started again, while clients refresh: nobody notices."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.faults.crowd import REFRESHES
from tests.faults.service import service
from tests.servers.redis import RedisServer, redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.postgresql import PostgresServer

BOUND = 1.2
NOBODY = {"username": "nobody", "password": "no word"}


@pytest.fixture
def cache() -> Iterator[RedisServer]:
    """A Redis or Valkey of the test's own, to be stopped."""
    with redis() as server:
        yield server


def test_nobody_notices_that_redis_is_away(
    tmp_path: Path, postgresql_server: PostgresServer, cache: RedisServer
) -> None:
    """Not one 5xx; what was revoked is known within the bound of the database; sign-ins are still judged."""
    with service(tmp_path, postgresql_server, {"JOTPASS_REDIS_URL": cache.url}) as running:
        crowd = running.crowd()

        def goes_on() -> None:
            crowd.reaches(REFRESHES // 4)
            assert running.is_ready()
            assert running.server.call("POST", "/api/token/", NOBODY).status == 401

        with crowd.at_work():
            goes_on()
            cache.process.stop(signal.SIGKILL)
            goes_on()
            cache.process.start()
            goes_on()
            cache.process.send(signal.SIGSTOP)
            try:
                goes_on()
            finally:
                cache.process.send(signal.SIGCONT)
        running.assert_all_is_well(crowd, bound=BOUND)
        assert not crowd.ledger.outages
        assert not crowd.ledger.lost
