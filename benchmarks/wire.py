"""A client of HTTP/1.1 that costs little beside the server that it asks: one kept connection at a time."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CLOSING: Final = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


def request(method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Write a request; a body is sent as JSON."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "User-Agent: benchmark"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    content = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Wire(asyncio.Protocol):
    """One connection, opened when it is first needed and again whenever the server has closed it.

    Args:
        port: Of the server, on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, sent: bytes) -> tuple[int, bytes]:
        """Send a request and wait for the answer: its status and its body.

        Raises:
            ConnectionError: The server hung up before it answered.
        """
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        assert self._transport is not None
        self._received, self._answer = b"", loop.create_future()
        self._transport.write(sent)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell whoever waits."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        """Answer, as soon as the answer is complete."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or self._answer is None or self._answer.done():
            return
        found = _LENGTH.search(head + b"\r\n")
        if found is not None and len(body) < int(found[1]):
            return
        if _CLOSING.search(head + b"\r\n"):
            self.close()
            self._transport = None
        self._answer.set_result((int(head[9:12]), body))
