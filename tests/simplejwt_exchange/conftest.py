"""What these tests share: databases that the incumbent has migrated, and in which there is one user."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.simplejwt_exchange.peers import peer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.servers.postgresql import PostgresServer


def begin(database: Mapping[str, Any]) -> None:
    """Migrate a database with the incumbent, and create the one user."""
    with peer("incumbent", database) as incumbent:
        incumbent.manage("migrate", "--verbosity=0")
        incumbent.ask("create_user", "vitor")


def in_file(file: Path) -> dict[str, Any]:
    """What DATABASES says of a SQLite file."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and the user, to be copied."""
    file = tmp_path_factory.mktemp("exchange") / "begun.sqlite3"
    begin(in_file(file))
    return file


@pytest.fixture
def vitors(begun: Path, tmp_path: Path) -> dict[str, Any]:
    """A SQLite database with the tables and the user, of this test's own."""
    file = tmp_path / "exchange.sqlite3"
    shutil.copy(begun, file)
    return in_file(file)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The same, on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("vitors")
        return
    server: PostgresServer = request.getfixturevalue("postgresql_server")
    name = server.create_database()
    postgresql = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "HOST": str(server.folder),
        "USER": "postgres",
    }
    begin(postgresql)
    yield postgresql
    server.drop_database(name)
