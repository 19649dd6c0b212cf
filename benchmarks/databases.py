"""Fresh databases to measure on: an SQLite file, and a PostgreSQL of the benchmark's own."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.postgresql import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RELAXED = "?options=-c%20synchronous_commit%3Doff"


@contextlib.contextmanager
def sqlite_url() -> Iterator[str]:
    """An empty SQLite database, until the context ends."""
    with tempfile.TemporaryDirectory(prefix="jotpass-benchmark-") as folder:
        yield f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"


@contextlib.contextmanager
def postgresql_url() -> Iterator[str]:
    """An empty PostgreSQL database behind a Unix socket, until the context ends."""
    with postgresql(durable=True) as server:
        yield server.url(server.create_database())


@contextlib.contextmanager
def relaxed_postgresql_url() -> Iterator[str]:
    """The same, where a commit does not wait for the disk: what SQLite calls synchronous=NORMAL."""
    with postgresql_url() as url:
        yield url + RELAXED


@contextlib.contextmanager
def sqlite_urls() -> Iterator[Callable[[], str]]:
    """A function that makes another SQLite database at every call, until the context ends."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(sqlite_url())


@contextlib.contextmanager
def relaxed_postgresql_urls() -> Iterator[Callable[[], str]]:
    """The same with one PostgreSQL, where a commit does not wait for the disk."""
    with postgresql(durable=True) as server:
        yield lambda: server.url(server.create_database()) + RELAXED
