"""A server of `tests.sockets.site` over ASGI, by granian, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

from tests.servers.granian import environment, serving_site
from tests.servers.http_server import HttpServer
from tests.servers.process import SECONDS
from tests.sockets.site import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from websockets.sync.client import ClientConnection

    from tests.servers.http_server import Answer


@dataclass(frozen=True)
class Server(HttpServer):
    """A running server."""

    environment: Mapping[str, str] = field(repr=False)

    def manage(self, *command: str) -> None:
        """Run a management command of its project."""
        run = [sys.executable, "-m", "tests.sockets.site", *command]
        subprocess.run(run, env=self.environment, check=True, timeout=60)

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
    variables = environment(SOCKETS_DATABASE=database_url, SOCKETS_JOTPASS=json.dumps(jotpass))
    with serving_site("tests.sockets.site", folder, variables, interface="asgi", processes=count) as started:
        yield [Server(server.port, server.log, variables) for server in started]
