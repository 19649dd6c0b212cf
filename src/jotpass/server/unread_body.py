"""Reading what an application left unread of a request, so that its answer arrives and the connection stays.

A parser that refuses a body at 64 KiB answers 413 at once. A client that is still sending would then find the
connection closed under it, and never see the answer (RFC 9112 s9.6). A 401 that did not look at the body
leaves the next request on the connection without one (s9.3). So the rest is read and dropped, up to a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DRAINED_BYTES = 16 * 1024 * 1024
"""Beyond this much, the connection closes."""

_CHUNK_BYTES = 64 * 1024


def drain_unread_body(application: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a WSGI application: after it has answered, the rest of the body is read and dropped."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        response = application(environ, start_response)
        if _has_body(environ):
            _drain(environ["wsgi.input"])
        return response

    return answer


def _has_body(environ: dict[str, Any]) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or (environ.get("CONTENT_LENGTH") or "0") != "0"


def _drain(stream: Any) -> None:
    for _ in range(DRAINED_BYTES // _CHUNK_BYTES):
        if not stream.read(_CHUNK_BYTES):
            return
