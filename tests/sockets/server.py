"""A server of `tests.sockets.site` over ASGI, by granian, in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

from tests.server.program import SECONDS, free_port, listens
from tests.servers.process import ServerProcess, bound, running
from tests.sockets.site import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from websockets.sync.client import ClientConnection

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage = field(repr=False)
    body: Any


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    log: Path = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)

    def manage(self, *command: str) -> None:
        """Run a management command of its project."""
        run = [sys.executable, "-m", "tests.sockets.site", *command]
        subprocess.run(run, env=self.environment, check=True, timeout=60)

    @property
    def origin(self) -> str:
        """Where its pages come from."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it has written."""
        return self.log.read_text(errors="replace")

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        chunked: bool = False,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
    ) -> Answer:
        """Make one request; a body is sent as JSON, in one piece or in chunks."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)) as wire:
            content = b"" if body is None else json.dumps(body).encode()
            sent = dict(headers or {})
            if content:
                sent["Content-Type"] = "application/json"
            if bearer is not None:
                sent["Authorization"] = f"Bearer {bearer}"
            wire.request(method, path, iter([content]) if chunked else content, sent, encode_chunked=chunked)
            response = wire.getresponse()
            text = response.read()
            is_json = "json" in (response.headers["Content-Type"] or "")
            return Answer(response.status, response.headers, json.loads(text) if is_json else text)

    def sign_in(self, username: str = USERNAME, headers: Mapping[str, str] | None = None) -> Answer:
        """Sign in."""
        answer = self.call(
            "POST", "/api/token/", {"username": username, "password": PASSWORD}, headers=headers
        )
        assert answer.status == 200, answer
        return answer

    def connect(
        self,
        path: str = "/ws/",
        *subprotocols: Any,
        host: str = "127.0.0.1",
        origin: str | None = None,
        **headers: str,
    ) -> ClientConnection:
        """Open a WebSocket."""
        return connect(
            f"ws://{host}:{self.port}{path}",
            subprotocols=list(subprotocols) or None,
            origin=origin,  # type: ignore[arg-type] # a NewType of str
            additional_headers=headers,
            open_timeout=SECONDS,
            proxy=None,
        )


@contextlib.contextmanager
def servers(
    count: int, database_url: str, folder: Path, jotpass: Mapping[str, Any]
) -> Iterator[list[Server]]:
    """Serve a fresh database from processes of their own until the context ends."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)]),
        "SOCKETS_DATABASE": database_url,
        "SOCKETS_JOTPASS": json.dumps(jotpass),
    }
    subprocess.run([sys.executable, "-m", "tests.sockets.site"], env=environment, check=True, timeout=60)
    granian = ["-m", "granian", "--interface", "asgi", "--factory", "--log-level", "warning"]
    command = [sys.executable, *granian, "tests.sockets.site:application"]
    with contextlib.ExitStack() as stack:
        started = []
        for port in [free_port() for _ in range(count)]:
            server = Server(port, folder / f"{port}.log", environment)
            process = ServerProcess(
                bound(*command, "--port", str(port)),
                log=server.log,
                answers=partial(listens, port),
                environment=environment,
            )
            stack.enter_context(running(process))
            started.append(server)
        yield started
