"""The two databases: waits that end, connections that are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from jotpass.server.databases import database_settings


def settings(url: str) -> dict[str, Any]:
    """The entry of DATABASES for a URL."""
    return database_settings(url, data=Path("/srv/data folder"), pool_size=3, timeout=2.5)


def test_sqlite_writers_queue(tmp_path: Path) -> None:
    """WAL and immediate transactions: a writer waits for another, bounded, and never fails half-way."""
    for database in (settings(""), settings(f"sqlite:///{tmp_path / 'other.sqlite3'}")):
        options = database["OPTIONS"]
        assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 2.5)
        assert "journal_mode=WAL" in options["init_command"]
        assert "synchronous=NORMAL" in options["init_command"]


def test_sqlite_lives_in_the_data_folder() -> None:
    """Without a URL the database is a file of the data folder, whatever its name looks like in a URL."""
    assert settings("")["NAME"] == Path("/srv/data folder/db.sqlite3")


def test_postgresql_connections_are_bounded() -> None:
    """A worker's pool has a size and a wait, and its connections outlive no restart of the database."""
    database = settings("postgres://jot:p%40ss@db.example:5433/jotpass")
    assert database["OPTIONS"]["pool"] == {
        "min_size": 1,
        "max_size": 3,
        "timeout": 2.5,
        "reconnect_timeout": 1,
    }
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (0, True)
    assert "lock_timeout=2500" in database["OPTIONS"]["options"]
    assert database["PASSWORD"] == "p@ss"


def test_a_database_that_vanishes_is_noticed() -> None:
    """A machine that answers nothing any more, not even with a refusal, is given up after the time-out."""
    options = settings("postgres://db.example/jotpass")["OPTIONS"]
    assert (options["tcp_user_timeout"], options["keepalives_idle"], options["keepalives_interval"]) == (
        2500,
        2,
        1,
    )


def test_the_url_has_the_last_word_about_its_connection() -> None:
    """Options of the URL reach the driver."""
    options = settings("postgres://db.example/jotpass?sslmode=verify-full&connect_timeout=9")["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"]) == ("verify-full", 9)


@pytest.mark.parametrize("url", ["mysql://db.example/jotpass", "nonsense", "postgres://db.example:port/x"])
def test_other_databases_are_refused(url: str) -> None:
    """What is neither SQLite nor PostgreSQL, or no URL at all, is an error that hides the URL."""
    with pytest.raises(ImproperlyConfigured, match=r"^JOTPASS_DATABASE_URL ") as refusal:
        settings(url)
    assert "db.example" not in str(refusal.value)
