"""PostgreSQL is stopped without a farewell and comes back, while clients refresh."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.crowd import REFRESHES, Crowd
from tests.faults.service import Service, service
from tests.server import program
from tests.servers.postgresql import PostgresServer, postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_STALENESS = 2.0


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, to be stopped."""
    with postgresql() as server:
        yield server


@pytest.mark.parametrize(
    ("how", "algorithm", "code"),
    [(signal.SIGQUIT, "HS256", "feed_stale"), (signal.SIGINT, "ES256", "service_unavailable")],
    ids=["crash", "restart"],
)
def test_everybody_outlasts_a_restart(
    tmp_path: Path, database: PostgresServer, how: signal.Signals, algorithm: str, code: str
) -> None:
    """503 while it is away, and no other error; afterwards everybody goes on, and what was revoked stays.

    With key pairs the last reading of the keys may be used as long as that of the revocations.
    """
    limits = {
        "JOTPASS_REVOCATION_MAX_STALENESS": str(MAX_STALENESS),
        "JOTPASS_DATABASE_TIMEOUT": "1",
        "JOTPASS_SIGNING_ALGORITHM": algorithm,
    }
    with service(tmp_path, database, limits) as running:
        crowd = running.crowd()
        with crowd.at_work():
            crowd.reaches(REFRESHES // 2)
            assert running.is_ready()
            database.process.stop(how)
            try:
                assert_outage(running, crowd, code)
            finally:
                database.process.start()
            program.until(running.is_ready)
            crowd.reaches(REFRESHES // 2)
        running.assert_all_is_well(crowd, bound=MAX_STALENESS)


def assert_outage(running: Service, crowd: Crowd, code: str) -> None:
    """What needs the database is 503; the last reading of what is revoked is used while it may be."""
    since = time.monotonic()
    program.until(lambda: crowd.ledger.outages["service_unavailable"])
    refused = running.server.call("POST", "/api/token/refresh/", {"refresh": "x"})
    assert refused.status == 401, "what needs no database is answered without it"
    program.until(lambda: time.monotonic() > since + MAX_STALENESS)
    verified = running.server.call("POST", "/api/token/verify/", {"token": crowd.clients[0].access})
    assert (verified.status, verified.json["code"]) == (503, code)
    assert int(verified.headers["Retry-After"]) > 0
    assert not running.is_ready()
