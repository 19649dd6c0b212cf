"""One open WebSocket, between the server and the application: it can be closed from here at any moment."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from jotpass.auth.channels.handshake import SUBPROTOCOL
from jotpass.auth.refusals import status_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jotpass.auth import errors
    from jotpass.auth.channels.handshake import Scope

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]

UNAUTHORIZED: Final = 4401
"""The close code of a refused or ended token, out of those for private use (RFC 6455 s7.4.2)."""

TRY_AGAIN_LATER: Final = 1013
"""The close code when nobody can tell whether the token was revoked."""

TIDY_UP: Final = 10.0
"""Seconds for the close itself, and as many for the application after it, before it is cancelled."""


def close_code_of(error: errors.AuthError) -> int | None:
    """Return the close code of an error, None for one that does not even open the socket."""
    return {401: UNAUTHORIZED, 503: TRY_AGAIN_LATER}.get(status_of(error))


class Socket:
    """The `receive` and `send` that an application gets.

    Args:
        receive: The server's.
        send: The server's.
        offered: The subprotocols that the client offers.
    """

    def __init__(self, receive: Receive, send: Send, offered: list[str]) -> None:
        self._receive = receive
        self._send = send
        self._offers_ours = SUBPROTOCOL in offered
        self._pending: asyncio.Task[dict[str, Any]] | None = None
        self._is_closed = False

    async def refuse(self, error: errors.AuthError) -> None:
        """Answer a handshake that is not let in.

        A browser's script learns nothing of a handshake that fails. So the socket opens, and closes with a
        code; only to whom no page of ours sent is it not opened at all.
        """
        await self._receive()
        if close_code_of(error) is not None:
            await self.send({"type": "websocket.accept"})
        await self._say_closed(error)

    async def serve(
        self, application: Application, scope: Scope, ended: asyncio.Future[errors.AuthError] | None
    ) -> None:
        """Run the application until it is done, or until the socket must close.

        Args:
            application: What speaks over the socket.
            scope: Its scope.
            ended: Becomes the reason why the socket must close, None when there is nothing to wait for.
        """
        self._ended = ended or asyncio.get_running_loop().create_future()
        running = asyncio.ensure_future(application(scope, self.receive, self.send))
        try:
            await asyncio.wait({running, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await self._close(self._ended.result())
                await asyncio.wait({running}, timeout=TIDY_UP)
            if running.done():
                running.result()
        finally:
            await _cancelled(running, self._pending)

    async def receive(self) -> dict[str, Any]:
        """Return the next message; after the close, that the client has gone."""
        if self._pending is None:
            self._pending = asyncio.create_task(self._next_message())
        await asyncio.wait({self._pending, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            reason = self._ended.result()
            return {"type": "websocket.disconnect", "code": close_code_of(reason), "reason": reason.code}
        message, self._pending = self._pending.result(), None
        return message

    async def _next_message(self) -> dict[str, Any]:
        # A coroutine of our own: what a server returns need not be a future that can be cancelled.
        return await self._receive()

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message, unless the socket was closed; answer the subprotocol if nobody else did."""
        if self._is_closed:
            return
        if message["type"] == "websocket.accept" and self._offers_ours and not message.get("subprotocol"):
            message = message | {"subprotocol": SUBPROTOCOL}
        await self._send(message)

    async def _close(self, reason: errors.AuthError) -> None:
        self._is_closed = True
        # First, nobody may be listening any more: granian would wait for a message to send after it.
        await _cancelled(self._pending)
        await self._say_closed(reason)

    async def _say_closed(self, reason: errors.AuthError) -> None:
        message: dict[str, Any] = {"type": "websocket.close"}
        if code := close_code_of(reason):
            message |= {"code": code, "reason": reason.code}
        # The client may have gone at the same moment, which each server says in its own way; or it reads
        # nothing, and some servers wait until it does.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(TIDY_UP):
                await self._send(message)


async def _cancelled(*futures: asyncio.Future[Any] | None) -> None:
    left = [future for future in futures if future is not None and not future.done()]
    for future in left:
        future.cancel()
    await asyncio.gather(*left, return_exceptions=True)
