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

    Start = Callable[[bool, str], Fleet]

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "unforgiving": {"REFRESH_REUSE_GRACE": 0, "REFRESH_RECOVERY": 0},
    "limited": {"SESSIONS_PER_USER": 3},
    "signing": {
        "SIGNING_ALGORITHM": "ES256",
        "ISSUER": "https://id.example",
        "AUDIENCE": "https://id.example",
    },
}


@pytest.fixture(scope="session")
def fleets(postgresql_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function of (with ATOMIC_REQUESTS, the name of SETTINGS) that gives the fleet."""
    with contextlib.ExitStack() as stack:

        @cache
        def start(atomic: bool, which: str) -> Fleet:
            folder = tmp_path_factory.mktemp("fleet")
            jotpass = SETTINGS[which]
            return stack.enter_context(fleet(postgresql_server, folder, atomic=atomic, jotpass=jotpass))

        yield start


@pytest.fixture
def servers(fleets: Start) -> Fleet:
    """Four processes with every setting at its default."""
    return fleets(False, "default")


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def any_servers(request: pytest.FixtureRequest, fleets: Start) -> Fleet:
    """The same, with and without ATOMIC_REQUESTS."""
    return fleets(request.param, "default")


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def unforgiving_servers(request: pytest.FixtureRequest, fleets: Start) -> Fleet:
    """Four processes that answer no refresh token twice."""
    return fleets(request.param, "unforgiving")


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def limited_servers(request: pytest.FixtureRequest, fleets: Start) -> Fleet:
    """Four processes under which a person has three sessions at most."""
    return fleets(request.param, "limited")


@pytest.fixture
def signing_servers(fleets: Start) -> Fleet:
    """Four processes that sign with a stored key pair."""
    return fleets(False, "signing")
