"""Bodies in chunks reach Django with a length, and no longer than it can use."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from jotpass.server.chunked_body import MAX_CHUNKED_BYTES, measure_chunked_body


class Drip(BytesIO):
    """A stream that gives less than it is asked for, as a socket does."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give a thousand bytes at most."""
        return super().read(1000 if size is None or size < 0 else min(size, 1000))


def _seen(environ: dict[str, Any]) -> dict[str, Any]:
    """What the application behind the wrapper is given."""
    seen: list[dict[str, Any]] = []
    measure_chunked_body(lambda environ, _: seen.append(environ))(environ, None)
    (given,) = seen
    return given


@pytest.mark.parametrize("length", [0, 1, 999, 5000, 100_000])
def test_a_body_in_chunks_is_measured(length: int) -> None:
    """The whole body is there, its length is announced, and nothing says that it came in chunks."""
    body = b"x" * length
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": Drip(body)}
    given = _seen(chunked)
    assert given["CONTENT_LENGTH"] == str(length)
    assert given["wsgi.input"].read() == body
    assert "HTTP_TRANSFER_ENCODING" not in given
    assert "HTTP_TRANSFER_ENCODING" in chunked


def test_an_endless_body_is_cut() -> None:
    """Of a body without end one byte more than the bound is read: too much for every endpoint."""

    class Endless:
        def read(self, size: int) -> bytes:
            return b"x" * min(size, 65536)

    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": Endless()}
    assert _seen(chunked)["CONTENT_LENGTH"] == str(MAX_CHUNKED_BYTES + 1)


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_LENGTH": "5"},
        {},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"HTTP_TRANSFER_ENCODING": "", "wsgi.input_terminated": True},
    ],
)
def test_other_requests_are_left_alone(environ: dict[str, Any]) -> None:
    """A body with a length, no body, or a server that does not mark the end: nothing is touched."""
    assert _seen(environ) is environ
