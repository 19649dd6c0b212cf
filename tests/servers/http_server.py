"""A server that answers HTTP on a port of this machine, and what a client asks it."""

from __future__ import annotations

import contextlib
import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.process import SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, body."""

    status: int
    headers: http.client.HTTPMessage = field(repr=False)
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class HttpServer:
    """A server, and the file that it writes to."""

    port: int
    log: Path = field(repr=False)

    @property
    def origin(self) -> str:
        """Where it listens, and where its pages come from."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
        chunked: bool = False,
    ) -> Answer:
        """Make one request over a connection of its own.

        Args:
            method: The method.
            path: The path.
            body: Sent as JSON unless it is bytes.
            bearer: Sent as bearer token.
            headers: More headers.
            chunked: Send the body in a chunk, not in one piece of a length that is known.
        """
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)) as wire:
            carried = iter([content]) if chunked and content else content
            wire.request(method, path, carried, sent | dict(headers or {}), encode_chunked=chunked)
            response = wire.getresponse()
            return Answer(response.status, response.headers, response.read())
