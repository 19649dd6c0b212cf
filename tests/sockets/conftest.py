"""Servers with WebSockets, one for each module and way of configuring it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sockets.server import Server, servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def two_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two processes on one database, with every setting at its default."""
    folder = tmp_path_factory.mktemp("sockets")
    with servers(2, f"sqlite:///{folder / 'database.sqlite3'}", folder, {}) as started:
        yield started


@pytest.fixture
def server(two_servers: list[Server]) -> Server:
    """One of them."""
    return two_servers[0]


@pytest.fixture(scope="module")
def cookie_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two processes that take access tokens by cookie: two origins of one site, to a browser."""
    folder = tmp_path_factory.mktemp("cookies")
    settings = {"TRANSPORTS": ["body", "cookie"]}
    with servers(2, f"sqlite:///{folder / 'database.sqlite3'}", folder, settings) as started:
        yield started


@pytest.fixture(scope="module")
def brief_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A process whose access tokens live for five seconds."""
    folder = tmp_path_factory.mktemp("brief")
    settings = {"ACCESS_TOKEN_LIFETIME": 5}
    with servers(1, f"sqlite:///{folder / 'database.sqlite3'}", folder, settings) as (started,):
        yield started


@pytest.fixture
def key_pair_server(tmp_path: Path) -> Iterator[Server]:
    """A process that signs with a key pair, and hosts two sites."""
    settings = {"SIGNING_ALGORITHM": "ES256", "SITE_RESOLVER": "tests.sockets.site.site_by_host"}
    with servers(1, f"sqlite:///{tmp_path / 'database.sqlite3'}", tmp_path, settings) as (started,):
        yield started
