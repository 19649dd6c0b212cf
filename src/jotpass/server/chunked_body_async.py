"""Reading request bodies that come in chunks, for ASGI: what `chunked_body` does for WSGI.

An ASGI server hands over the body piece by piece, however it came. Django keeps all of it, but Django and DRF
believe Content-Length alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jotpass.server.chunked_body import MAX_CHUNKED_BYTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Application = Callable[..., Awaitable[None]]


def measure_chunked_body_async(application: Application) -> Application:
    """Wrap an ASGI application: it meets every body with a Content-Length."""

    async def answer(scope: Scope, receive: Receive, send: Any) -> None:
        if not _is_unmeasured(scope):
            await application(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"transfer-encoding"]
        headers.append((b"content-length", str(len(body)).encode()))
        await application(scope | {"headers": headers}, _replayed(body, receive), send)

    return answer


def _is_unmeasured(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]} if scope["type"] == "http" else set()
    return b"transfer-encoding" in names and b"content-length" not in names


async def _read(receive: Receive) -> bytes | None:
    """Read a body, or as much of it as shows that it is too long; None when the client has gone."""
    body = bytearray()
    while len(body) <= MAX_CHUNKED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body[: MAX_CHUNKED_BYTES + 1])


def _replayed(body: bytes, receive: Receive) -> Receive:
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        if whole:
            return whole.pop()
        # The rest of a body that is too long: Django waits for nothing but the end of the connection.
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return replay
