"""PostgreSQL is stopped without a farewell and comes back, while clients refresh."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.crowd import REFRESHES
from tests.faults.service import service
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


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT], ids=["immediate", "fast"])
def test_everybody_outlasts_a_restart(tmp_path: Path, database: PostgresServer, how: signal.Signals) -> None:
    """503 while it is away, and no other error; afterwards everybody goes on, and what was revoked stays."""
    limits = {"JOTPASS_REVOCATION_MAX_STALENESS": str(MAX_STALENESS), "JOTPASS_DATABASE_TIMEOUT": "1"}
    with service(tmp_path, database, limits) as running:
        crowd = running.crowd()
        server = running.server
        with crowd.at_work():
            crowd.reaches(REFRESHES // 2)
            database.process.stop(how)
            away_since = time.monotonic()
            refused = server.call("POST", "/api/token/refresh/", {"refresh": "x"})
            assert refused.status == 401, "what needs no database is answered without it"
            program.until(lambda: crowd.ledger.outages["service_unavailable"])
            # Only what the last reading can tell is answered, and that no longer than it may.
            program.until(lambda: time.monotonic() > away_since + MAX_STALENESS)
            verified = server.call("POST", "/api/token/verify/", {"token": crowd.clients[0].access})
            assert (verified.status, verified.json["code"]) == (503, "feed_stale")
            assert int(verified.headers["Retry-After"]) > 0
            database.process.start()
            crowd.reaches(REFRESHES // 2)
        running.assert_all_is_well(crowd, bound=MAX_STALENESS)
        assert crowd.ledger.outages["service_unavailable"]
