"""A request is one line in the log, and no request can write two."""

from __future__ import annotations

import logging
import stat
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from jotpass.server.access_log import ACCESS_FORMAT, LOGGING, OneLineFormatter, logging_settings

if TYPE_CHECKING:
    from pathlib import Path


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


def test_the_audit_log_is_a_file_of_its_owner(tmp_path: Path) -> None:
    """JOTPASS_AUDIT_LOG names it; the log of the rest stays as it is."""
    path = tmp_path / "audit.log"
    settings = logging_settings(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert settings["handlers"]["audit"]["filename"] == str(path)
    assert settings["loggers"].items() > LOGGING["loggers"].items()
    assert "audit" not in LOGGING["handlers"]


@pytest.mark.parametrize("path", ["/no/such/folder/audit.log", "/", "a\x00b"])
def test_an_audit_log_that_cannot_be_written_is_said(path: str) -> None:
    """Before anything is served; not when the first event is lost."""
    with pytest.raises(ImproperlyConfigured, match="JOTPASS_AUDIT_LOG"):
        logging_settings(path)


def test_without_an_audit_log_there_is_none() -> None:
    """The default."""
    assert logging_settings("") is LOGGING
