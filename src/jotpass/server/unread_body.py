"""Reading what an application left unread of a large request, so that its answer arrives.

A parser that refuses a body at 64 KiB answers 413 at once. A client that is still sending would then find the
connection closed under it, and never see the answer (RFC 9112 s9.6). Up to a limit, the rest is read and
dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DRAINED_BYTES = 16 * 1024 * 1024
"""Beyond this much, the connection closes."""

_IN_FLIGHT_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


def drain_unread_body(application: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a WSGI application: after it has answered, the rest of a large body is read and dropped."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        response = application(environ, start_response)
        if _may_be_large(environ):
            _drain(environ["wsgi.input"])
        return response

    return answer


def _may_be_large(environ: dict[str, Any]) -> bool:
    """Whether there may be more than what the system's buffers hold anyway."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in environ or not length.isdecimal() or int(length) > _IN_FLIGHT_BYTES


def _drain(stream: Any) -> None:
    for _ in range(DRAINED_BYTES // _CHUNK_BYTES):
        if not stream.read(_CHUNK_BYTES):
            return
