"""Reading request bodies that come in chunks (RFC 9112 s7.1), which Django takes for empty ones.

Django and DRF believe Content-Length alone. Clients that write JSON as they go announce no length, .NET's and
Java's among them: their body is read here, and its length is announced in their place.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHUNKED_BYTES = 1024 * 1024
"""Of a longer body only this much and one byte is announced: too much for every endpoint of ours."""


def measure_chunked_body(application: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a WSGI application: it meets every body with a Content-Length.

    Only for servers that mark the end of the body themselves (``wsgi.input_terminated``).
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return application(_measured(environ) if _is_chunked(environ) else environ, start_response)

    return answer


def _is_chunked(environ: dict[str, Any]) -> bool:
    return bool(environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated"))


def _measured(environ: dict[str, Any]) -> dict[str, Any]:
    body = _read(environ["wsgi.input"])
    measured = environ | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    del measured["HTTP_TRANSFER_ENCODING"]
    return measured


def _read(stream: Any) -> bytes:
    body = bytearray()
    while len(body) <= MAX_CHUNKED_BYTES and (piece := stream.read(MAX_CHUNKED_BYTES + 1 - len(body))):
        body += piece
    return bytes(body)
