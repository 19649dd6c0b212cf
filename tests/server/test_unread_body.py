"""An answer to an oversized request arrives: what the application left unread is read and dropped."""

from __future__ import annotations

import io
from typing import Any

import pytest

from jotpass.server.unread_body import DRAINED_BYTES, drain_unread_body

MEGABYTE = 1024 * 1024


class Stream(io.RawIOBase):
    """A request body that counts what was read of it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """Give zero bytes at the end, as a socket does."""
        given = min(size, self.size - self.taken)
        self.taken += given
        return bytes(given)


def answered(stream: Stream, **environ: str) -> Any:
    """Call an application that reads nothing of its request."""
    application = drain_unread_body(lambda *_: [b"no"])
    return application({"wsgi.input": stream, **environ}, lambda *_: None)


def test_a_large_body_is_taken_in_whole() -> None:
    """5 MB that nobody wanted are read before the answer leaves."""
    stream = Stream(5 * MEGABYTE)
    assert answered(stream, CONTENT_LENGTH=str(stream.size)) == [b"no"]
    assert stream.taken == stream.size


def test_a_body_of_unknown_length_is_taken_in_whole() -> None:
    """So are chunks, whose sum nobody announced."""
    stream = Stream(MEGABYTE)
    answered(stream, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert stream.taken == stream.size


def test_patience_ends() -> None:
    """Of an endless body a bounded part is read."""
    stream = Stream(10 * DRAINED_BYTES)
    answered(stream, CONTENT_LENGTH=str(stream.size))
    assert stream.taken == DRAINED_BYTES


def test_a_small_body_is_taken_in_too() -> None:
    """Left where it is, it would cost the client its connection."""
    stream = Stream(17)
    answered(stream, CONTENT_LENGTH="17")
    assert stream.taken == 17


@pytest.mark.parametrize("environ", [{}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "0"}])
def test_a_request_without_a_body_costs_nothing(environ: dict[str, str]) -> None:
    """What was not announced is not waited for."""
    stream = Stream(17)
    answered(stream, **environ)
    assert stream.taken == 0
