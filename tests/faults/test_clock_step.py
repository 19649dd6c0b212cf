"""Somebody sets a clock by an hour, forward and back, under load: the servers', or the database's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.crowd import REFRESHES
from tests.faults.service import service
from tests.faults.stepped_clock import stepped_clocks
from tests.servers.postgresql import postgresql

if TYPE_CHECKING:
    from pathlib import Path

BOUND = 1.2
HOUR = 3600


@pytest.mark.stepped_clock
@pytest.mark.parametrize("whose", ["servers", "database"])
def test_everybody_outlasts_a_step_of_a_clock(tmp_path: Path, whose: str) -> None:
    """Nobody is signed out, nothing revoked is taken, also by workers that start when it has happened."""
    with (
        stepped_clocks("servers", "database") as (servers, databases),
        postgresql(environment=databases.environment) as database,
        service(tmp_path, database, servers.environment) as running,
    ):
        clock = {"servers": servers, "database": databases}[whose]
        crowd = running.crowd()
        with crowd.at_work():
            crowd.reaches(REFRESHES // 4)
            for seconds in (HOUR, 0, -HOUR):
                clock.step(seconds)
                crowd.reaches(REFRESHES // 4)
                assert running.is_ready()
                running.kill(running.server.workers())
                crowd.try_all_that_ended()
        running.assert_all_is_well(crowd, bound=BOUND)
