"""`jotpass serve` as an operator runs it, on a PostgreSQL and a Redis or Valkey of its own."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from tests.server.program import SECRET, Server, run, running
from tests.servers.postgresql import PostgresServer, postgresql
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PASSWORD: Final = "correct horse battery staple"
MEBIBYTE: Final = 2**20

CREATE_PEOPLE: Final = """
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
password = make_password({password!r})
User.objects.bulk_create(User(username=f"person{{n}}", password=password) for n in range({count}))
"""


@dataclass(frozen=True)
class Site:
    """The server, its database, and the environment that both were started with."""

    server: Server
    dsn: str
    folder: Path
    variables: Mapping[str, str]

    def memory(self) -> dict[str, float]:
        """MiB that each worker holds, by process id (Linux)."""
        return {str(pid): _resident(pid) for pid in sorted(self.server.workers())}

    def database(self) -> tuple[float, int]:
        """MiB of the database, and how many revocations are in force."""
        with psycopg.connect(self.dsn) as wire:
            row = wire.execute(
                "SELECT pg_database_size(current_database()),"
                " (SELECT count(*) FROM jotpass_revocation WHERE until > now())"
            ).fetchone()
        assert row is not None
        return row[0] / MEBIBYTE, row[1]

    def flush(self) -> None:
        """As cron would."""
        done = run(self.folder, "manage", "jotpass", "flush", **self.variables)
        if done.returncode:
            raise RuntimeError(done.stderr)


@contextlib.contextmanager
def serving(*, people: int, workers: int, threads: int) -> Iterator[Site]:
    """Serve to so many people until the context ends."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jotpass-soak-")))
        database: PostgresServer = stack.enter_context(postgresql(durable=True))
        name = database.create_database()
        variables = {
            "JOTPASS_SECRET_KEY": SECRET,
            "JOTPASS_ALLOWED_HOSTS": "localhost",
            "JOTPASS_ISSUER": "https://id.example",
            "JOTPASS_AUDIENCE": "https://id.example",
            "JOTPASS_DATABASE_URL": database.url(name),
            "JOTPASS_REDIS_URL": stack.enter_context(redis()).url,
            "JOTPASS_THREADS": str(threads),
        }
        shell = CREATE_PEOPLE.format(password=PASSWORD, count=people)
        for command in (("migrate",), ("shell", "--command", shell)):
            done = run(folder, "manage", *command, **variables)
            if done.returncode:
                raise RuntimeError(done.stdout + done.stderr)
        server = stack.enter_context(running(folder, "serve", "--workers", str(workers), **variables))
        yield Site(server, database.dsn(name), folder, variables)


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
