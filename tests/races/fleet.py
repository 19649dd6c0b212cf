"""Four server processes on one PostgreSQL, and clients that call them at the same moment."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from tests.races.site import PASSWORD, USERNAME
from tests.servers.granian import environment, serving_site
from tests.servers.process import SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.servers.postgresql import PostgresServer

PROCESSES = 4
RACERS = 16
IDLE_SECONDS = 10.0
"""After this a connection is opened anew: the server hangs up on those that are silent for 30 seconds."""


@dataclass(frozen=True)
class Call:
    """One request; `token` is sent as bearer token."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    token: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any


@dataclass
class Fleet:
    """Running servers, each a process of its own, and what they wrote."""

    ports: Sequence[int]
    dsn: str
    logs: Sequence[Path] = field(repr=False)
    _of_thread: threading.local = field(default_factory=threading.local, repr=False)
    _wires: list[http.client.HTTPConnection] = field(default_factory=list, repr=False)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(RACERS), repr=False)

    def call(self, call: Call, process: int = 0) -> Answer:
        """Call one of the processes, over a connection that this thread keeps open."""
        wire = self._wire(self.ports[process % PROCESSES])
        headers = {"Content-Type": "application/json"} if call.body is not None else {}
        if call.token is not None:
            headers["Authorization"] = f"Bearer {call.token}"
        content = None if call.body is None else json.dumps(call.body)
        wire.request(call.method, call.path, body=content, headers=headers)
        response = wire.getresponse()
        text = response.read()
        assert response.status < 500, (response.status, text, self.output)
        return Answer(response.status, json.loads(text) if text else None)

    def _wire(self, port: int) -> http.client.HTTPConnection:
        own: dict[int, http.client.HTTPConnection] = self._of_thread.__dict__.setdefault("wires", {})
        used: dict[int, float] = self._of_thread.__dict__.setdefault("used", {})
        if port not in own:
            own[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            self._wires.append(own[port])
        elif time.monotonic() - used[port] > IDLE_SECONDS:
            own[port].close()
        used[port] = time.monotonic()
        return own[port]

    def race(self, calls: Sequence[Call], apart: float = 0.0) -> list[Answer]:
        """Send RACERS calls at the same moment, or so many seconds apart, spread over the processes."""
        assert len(calls) == RACERS
        barrier = threading.Barrier(RACERS, timeout=SECONDS)

        def run(number: int) -> Answer:
            barrier.wait()
            time.sleep(number * apart)
            return self.call(calls[number], number)

        return list(self._pool.map(run, range(RACERS)))

    def everywhere(self, call: Call) -> list[Answer]:
        """Make the same call to every process, one after the other."""
        return [self.call(call, process) for process in range(PROCESSES)]

    def sign_in(self, process: int = 0) -> dict[str, Any]:
        """Sign in at a process; the token pair."""
        body = {"username": USERNAME, "password": PASSWORD}
        answer = self.call(Call("POST", "/api/token/", body), process)
        assert answer.status == 200, answer
        pair: dict[str, Any] = answer.body
        return pair

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        """Change something in the database itself."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(statement, values)

    def events(self, name: str, family: str) -> int:
        """How many events of this name all processes told of a family."""
        return self._events(rf"{name} .*fid={family}$")

    def session_events(self, name: str, session: str) -> int:
        """How many events of this name all processes told of a session."""
        return self._events(rf"{name} .*sid={session}\b")

    def _events(self, pattern: str) -> int:
        line = re.compile(rf"jotpass\.events {pattern}", re.MULTILINE)
        return sum(len(line.findall(log.read_text())) for log in self.logs)

    @property
    def output(self) -> str:
        """What all processes have written, from the first complaint on."""
        return "\n".join(text[text.find("Traceback") :][:4000] for text in (p.read_text() for p in self.logs))

    def close(self) -> None:
        """End the threads of the clients and hang up."""
        self._pool.shutdown()
        for wire in self._wires:
            wire.close()


@contextlib.contextmanager
def fleet(
    server: PostgresServer, folder: Path, *, atomic: bool, jotpass: dict[str, Any], redis: str = ""
) -> Iterator[Fleet]:
    """Serve a fresh database from PROCESSES processes until the context ends."""
    name = server.create_database()
    variables = environment(
        RACES_SOCKET=str(server.folder),
        RACES_DATABASE=name,
        RACES_ATOMIC=str(int(atomic)),
        RACES_JOTPASS=json.dumps(jotpass),
        RACES_REDIS=redis,
    )
    options = ["--no-ws", "--blocking-threads", "8"]
    with serving_site("tests.races.site", folder, variables, *options, processes=PROCESSES) as started:
        ports, logs = [each.port for each in started], [each.log for each in started]
        with contextlib.closing(Fleet(ports, server.dsn(name), logs)) as running:
            yield running
    server.drop_database(name)
