"""What happens to the tables over months: refreshes leave indexes alone, and a flush is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60
ROWS = 5000


class Site:
    """The host project on a database of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.environment = os.environ | {"GROWTH_DATABASE_URL": url}

    def command(self, name: str, number: int) -> list[str]:
        """The command line of one of the site's commands."""
        return [sys.executable, "-m", "tests.growth.site", name, str(number)]

    def run(self, name: str, number: int) -> str:
        """Run it to its end, and return what it printed."""
        done = subprocess.run(
            self.command(name, number),
            env=self.environment,
            check=True,
            timeout=SECONDS,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as raw:
                return raw.execute(statement).fetchall()
        with psycopg.connect(self.url) as wire:
            return wire.execute(statement.encode()).fetchall()

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.rows(f"SELECT count(*) FROM jotpass_{table}")[0][0])  # noqa: S608 (our tables)


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Site:
    """On PostgreSQL, filled."""
    site = Site(postgresql_url)
    site.run("fill", ROWS)
    return site


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Site:
    """On SQLite, filled with fewer."""
    site = Site(f"sqlite:///{tmp_path / 'growth.sqlite3'}")
    site.run("fill", 400)
    return site


def test_a_refresh_touches_no_index(on_postgresql: Site) -> None:
    """PostgreSQL writes the new version of the row beside the old one (HOT), and says so."""
    updated, hot = json.loads(on_postgresql.run("refresh", 3000))
    assert updated == 3000
    assert hot >= 0.95 * updated


def test_a_flush_follows_the_indexes(on_postgresql: Site) -> None:
    """PostgreSQL chooses them by itself, sorts nothing and reads no table whole."""
    plans = json.loads(on_postgresql.run("plans", 500))
    for name, index in INDEXES.items():
        assert f"using jotpass_{index}" in plans[name], plans[name]
        assert not re.search("Sort|Seq Scan", plans[name]), plans[name]


INDEXES = {
    "ended sessions": "session_expires_at_",
    "ended revocations": "revocation_until_",
    "their families": "tokenfamily_session_id_",
}


@pytest.mark.parametrize("database", ["on_postgresql", "on_sqlite"])
def test_a_flush_that_is_killed_loses_nothing(request: pytest.FixtureRequest, database: str) -> None:
    """Whole batches are gone, nothing is half deleted, and the next run does the rest."""
    site: Site = request.getfixturevalue(database)
    sessions = site.count("session")
    with subprocess.Popen(
        [*site.command("flush", 20)], env=site.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(3):
            assert "rows deleted" in process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    left = site.count("session")
    assert sessions / 2 < left <= sessions - 60
    assert site.rows(ORPHANS) == [(0, 0)]
    site.run("flush", 1000)
    assert site.count("session") == site.count("tokenfamily") == sessions / 2
    assert site.rows(ORPHANS) == [(0, 0)]
    assert site.count("revocation") == 0


ORPHANS = """
    SELECT (SELECT count(*) FROM jotpass_session s
            WHERE NOT EXISTS (SELECT 1 FROM jotpass_tokenfamily f WHERE f.session_id = s.sid)),
           (SELECT count(*) FROM jotpass_tokenfamily f
            WHERE NOT EXISTS (SELECT 1 FROM jotpass_session s WHERE f.session_id = s.sid))
"""
