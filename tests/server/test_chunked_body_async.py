"""Over ASGI, too, bodies in chunks reach Django with a length, and no longer than it can use."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application
from django.urls import reverse

from jotpass.server.chunked_body import MAX_CHUNKED_BYTES
from jotpass.server.chunked_body_async import measure_chunked_body_async

if TYPE_CHECKING:
    from collections.abc import Iterable

CHUNKED: dict[str, Any] = {"type": "http", "headers": [(b"host", b"x"), (b"transfer-encoding", b"chunked")]}
GONE: dict[str, Any] = {"type": "http.disconnect"}


def _pieces(*pieces: bytes) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ]
    return [*messages, {"type": "http.request"}, GONE]


def _seen(scope: dict[str, Any], messages: Iterable[dict[str, Any]]) -> list[Any]:
    """What the application behind the wrapper is given: the scope and two messages, nothing if not asked."""
    incoming = iter(messages)
    seen: list[Any] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.extend([scope, await receive(), await receive()])

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(_: dict[str, Any]) -> None:
        raise AssertionError("nothing is sent here")

    async_to_sync(measure_chunked_body_async(application))(scope, receive, send)
    return seen


@pytest.mark.parametrize("pieces", [[], [b""], [b"x"], [b"a", b"", b"b"], [b"x" * 60_000] * 3])
def test_a_body_in_chunks_is_measured(pieces: list[bytes]) -> None:
    """The whole body is there, its length is announced, and the end of the connection is still heard."""
    scope, first, second = _seen(CHUNKED, _pieces(*pieces))
    body = b"".join(pieces)
    assert dict(scope["headers"]) == {b"host": b"x", b"content-length": str(len(body)).encode()}
    assert (first["body"], first["more_body"]) == (body, False)
    assert second == GONE


def test_an_endless_body_is_cut() -> None:
    """One byte more than the bound is kept, too much for every endpoint; of the rest nothing is heard."""
    _, first, second = _seen(CHUNKED, _pieces(*[b"x" * 65536] * 40))
    assert len(first["body"]) == MAX_CHUNKED_BYTES + 1
    assert second == GONE


@pytest.mark.django_db
def test_django_refuses_a_body_that_is_too_long() -> None:
    """It answers 413 while the client is still sending."""
    incoming = _pieces(*[b"x" * 65536] * 40)[:-2]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        if not incoming:
            await asyncio.Event().wait()
        return incoming.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    kind = (b"content-type", b"application/json")
    scope = CHUNKED | {
        "method": "POST",
        "path": reverse("jotpass:token"),
        "query_string": b"",
        "client": ("192.0.2.1", 1),
        "headers": [(b"host", b"testserver"), (b"transfer-encoding", b"chunked"), kind],
    }
    async_to_sync(measure_chunked_body_async(get_asgi_application()))(scope, receive, send)
    assert sent[0]["status"] == 413
    assert b"request_too_large" in sent[1]["body"]


def test_a_client_that_goes_is_not_answered() -> None:
    """Half a body is no request."""
    assert _seen(CHUNKED, [*_pieces(b"half")[:1], GONE]) == []


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "http", "headers": [(b"content-length", b"5")]},
        {"type": "http", "headers": []},
        {"type": "websocket", "headers": [(b"transfer-encoding", b"chunked")]},
    ],
)
def test_other_connections_are_left_alone(scope: dict[str, Any]) -> None:
    """A body with a length, no body, or no request at all: nothing is touched."""
    assert _seen(scope, _pieces(b"hello"))[0] is scope
