"""A request is one line in the log, and no request can write two."""

from __future__ import annotations

import logging

from hypothesis import given
from hypothesis import strategies as st

from jotpass.server.access_log import ACCESS_FORMAT, OneLineFormatter


def formatted(path: str) -> str:
    """The line for a path."""
    arguments = {
        "time": "now",
        "addr": "127.0.0.1",
        "method": "GET",
        "path": path,
        "status": 200,
        "dt_ms": 1.25,
    }
    record = logging.LogRecord("granian.access", logging.INFO, "", 0, ACCESS_FORMAT, (arguments,), None)
    return OneLineFormatter().format(record)


@given(st.text())
def test_a_line_is_one_printable_line(path: str) -> None:
    """Line breaks, terminal sequences and lone surrogates are escaped."""
    line = formatted(path)
    assert line.isprintable()
    assert line.encode()


def test_an_ordinary_line_reads_well() -> None:
    """Method, path, status and duration stand as they are, letters beyond ASCII too."""
    assert formatted("/größe/") == 'now 127.0.0.1 "GET /größe/" 200 1.2 ms'


def test_the_query_string_is_not_logged() -> None:
    """Tokens travel in query strings against advice; the log has none."""
    assert "query" not in ACCESS_FORMAT
