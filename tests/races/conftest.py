"""The fleets of the races, one of each kind for all tests of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.races.fleet import Fleet, fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.postgresql import PostgresServer


@pytest.fixture(scope="session", params=[False, True], ids=["plain", "atomic"])
def servers(
    request: pytest.FixtureRequest,
    postgresql_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fleet]:
    """Four processes with every setting at its default, with and without ATOMIC_REQUESTS."""
    folder = tmp_path_factory.mktemp("fleet")
    with fleet(postgresql_server, folder, atomic=request.param, jotpass={}) as running:
        yield running


@pytest.fixture(scope="session", params=[False, True], ids=["plain", "atomic"])
def unforgiving_servers(
    request: pytest.FixtureRequest,
    postgresql_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fleet]:
    """Four processes that answer no refresh token twice."""
    folder = tmp_path_factory.mktemp("fleet")
    jotpass = {"REFRESH_REUSE_GRACE": 0, "REFRESH_RECOVERY": 0}
    with fleet(postgresql_server, folder, atomic=request.param, jotpass=jotpass) as running:
        yield running
