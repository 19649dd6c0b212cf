"""What a fault happens to: `jotpass serve` on PostgreSQL, and people who are signed in there."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from tests.faults.crowd import CLIENTS, LEAVERS, Crowd
from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.servers.postgresql import PostgresServer

SAFE = {
    "JOTPASS_SECRET_KEY": program.SECRET,
    "JOTPASS_ALLOWED_HOSTS": "127.0.0.1",
    "JOTPASS_ISSUER": "https://id.example",
    "JOTPASS_AUDIENCE": "https://id.example",
    "JOTPASS_DATABASE_TIMEOUT": "2",
}
SIGN_IN = """
import json, sys
from jotpass.server.startup import set_up
set_up()
from django.contrib.auth import get_user_model
from jotpass.auth.sessions import start_session
users = get_user_model().objects
pairs = (start_session(users.create(username=name, password="!")) for name in sys.argv[1:])
print(json.dumps([{"access": pair.access, "refresh": pair.refresh} for pair in pairs]))
"""
GENERATIONS = "SELECT fid, generation, revoked_at FROM jotpass_tokenfamily WHERE fid = ANY(%s)"


@dataclass
class Service:
    """A server, and where its database is."""

    server: program.Server
    folder: Path
    dsn: str
    variables: Mapping[str, str]

    def sign_in(self, *names: str) -> list[dict[str, Any]]:
        """Create people of these names and start a session for each; their token pairs."""
        done = subprocess.run(
            [sys.executable, "-c", SIGN_IN, *names],
            cwd=self.folder,
            env=program.environment(**self.variables),
            capture_output=True,
            text=True,
            timeout=2 * program.SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        pairs: list[dict[str, Any]] = json.loads(done.stdout)
        return pairs

    def crowd(self) -> Crowd:
        """People who are signed in, ready to work."""
        names = (f"person-{number}" for number in range(CLIENTS + LEAVERS))
        return Crowd(self.server.port, self.sign_in(*names))

    def is_ready(self) -> bool:
        """What `/readyz` says; `/livez` is answered whatever happens."""
        assert self.server.call("GET", "/livez").status == 200
        answer = self.server.call("GET", "/readyz")
        assert answer.status in {200, 503}
        assert answer.json["ready"] is (answer.status == 200)
        return answer.status == 200

    def kill(self, workers: set[int]) -> None:
        """Kill these workers at once, and wait until others have taken their place."""
        server = self.server
        number = len(server.workers())
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        program.until(lambda: len(server.workers() - workers) == number)

    def assert_all_is_well(self, crowd: Crowd, *, bound: float) -> None:
        """Everybody goes on, and the ledger of the whole run holds no broken promise.

        Each client refreshes once more, and then holds what its family's row says is current; every revoked
        token is tried once more.

        Args:
            crowd: People who are no longer at work.
            bound: Seconds for which a revoked access token may have been taken.
        """
        with crowd.hung_up():
            assert all(client.refresh() for client in crowd.clients), crowd.ledger.locked_out
            crowd.try_all_that_ended()
        held = {UUID(client.family): client.generation for client in crowd.clients}
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(GENERATIONS, [list(held)]).fetchall()
        assert {family: generation for family, generation, _ in rows} == held
        assert {revoked_at for *_, revoked_at in rows} == {None}
        crowd.ledger.assert_kept(bound=bound)


@contextlib.contextmanager
def service(
    folder: Path, database: PostgresServer, variables: Mapping[str, str], *, workers: int = 2
) -> Iterator[Service]:
    """Serve a fresh database until the context ends.

    Args:
        folder: Where the server runs.
        database: Where the fresh database is made.
        variables: Environment variables of the server, beside those it needs.
        workers: Its processes.
    """
    name = database.create_database()
    environment = SAFE | {"JOTPASS_DATABASE_URL": database.url(name)} | dict(variables)
    with program.running(folder, "serve", "--migrate", "--workers", str(workers), **environment) as server:
        program.until(lambda: len(server.workers()) == workers)
        yield Service(server, folder, database.dsn(name), environment)
