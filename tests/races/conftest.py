"""The fleets of the races: each is started when a test first asks for it, and serves until the run ends."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.races.fleet import Fleet, fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.postgresql import PostgresServer

    Start = Callable[[bool, bool], Fleet]

NEVER_TWICE: dict[str, Any] = {"REFRESH_REUSE_GRACE": 0, "REFRESH_RECOVERY": 0}


@pytest.fixture(scope="session")
def fleets(postgresql_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function of (with ATOMIC_REQUESTS, with every setting at its default) that gives the fleet."""
    with contextlib.ExitStack() as stack:

        @cache
        def start(atomic: bool, forgiving: bool) -> Fleet:
            folder = tmp_path_factory.mktemp("fleet")
            jotpass = {} if forgiving else NEVER_TWICE
            return stack.enter_context(fleet(postgresql_server, folder, atomic=atomic, jotpass=jotpass))

        yield start


@pytest.fixture
def servers(fleets: Start) -> Fleet:
    """Four processes with every setting at its default."""
    return fleets(False, True)


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def any_servers(request: pytest.FixtureRequest, fleets: Start) -> Fleet:
    """The same, with and without ATOMIC_REQUESTS."""
    return fleets(request.param, True)


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def unforgiving_servers(request: pytest.FixtureRequest, fleets: Start) -> Fleet:
    """Four processes that answer no refresh token twice."""
    return fleets(request.param, False)
