"""Workers are killed while clients refresh: answers are lost, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.crowd import REFRESHES
from tests.faults.service import service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.postgresql import PostgresServer

BOUND = 1.2


def test_nobody_is_signed_out_by_a_killed_worker(tmp_path: Path, postgresql_server: PostgresServer) -> None:
    """SIGKILL to one worker, then to all the others at once: whoever lost an answer goes on."""
    with service(tmp_path, postgresql_server, {}, workers=4) as running:
        crowd = running.crowd()
        first = running.server.workers()
        with crowd.at_work():
            for victims in ({min(first)}, first - {min(first)}):
                crowd.reaches(REFRESHES // 3)
                running.kill(victims)
            crowd.reaches(REFRESHES // 3)
        running.assert_all_is_well(crowd, bound=BOUND)
        assert crowd.ledger.lost, "no answer was lost: nothing was in flight"
