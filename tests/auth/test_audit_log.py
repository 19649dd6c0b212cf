"""The audit log: one event, one line of JSON with the same members, whatever anybody has put into it."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth import audit_log
from jotpass.auth.audit_log import AuditFormatter
from jotpass.auth.device import Device
from jotpass.auth.events import Event, emit_after_commit
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, start_session

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS = [
    "time",
    "level",
    "event",
    "user_id",
    "sid",
    "fid",
    "client_id",
    "reason",
    "address",
    "user_agent",
    "previous_address",
    "previous_user_agent",
    "request_id",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What goes to the audit log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(AuditFormatter())
    logger = logging.getLogger("jotpass.events")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield stream
    logger.setLevel(level)
    logger.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines that were written, each of them JSON."""
    return [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]


def test_a_life_of_a_session(transactional_db: None, user: Any, written: io.StringIO) -> None:
    """Each event has all members, as strings; nothing of a token is among them."""
    headers = {"User-Agent": "Test/1", "X-Request-ID": "4f2a"}
    request = RequestFactory().post("/", headers=headers, REMOTE_ADDR="203.0.113.9")
    pair = start_session(user, request)
    second = rotate_refresh_token(pair.refresh, request).pair
    assert second is not None
    end_session(pair.session_id, request)
    found = lines(written)
    assert [line["event"] for line in found] == ["signed_in", "refreshed", "revoked", "signed_out"]
    for line in found:
        assert list(line) == MEMBERS
        assert all(isinstance(value, str) for value in line.values())
        assert line["time"].endswith("Z")
        datetime.fromisoformat(line["time"])
        assert (line["user_id"], line["sid"]) == (str(user.pk), str(pair.session_id))
        assert (line["address"], line["user_agent"], line["request_id"]) == ("203.0.113.9", "Test/1", "4f2a")
    for secret in (pair.access, pair.refresh, second.access, second.refresh):
        assert not any(part in written.getvalue() for part in secret.split("."))


@given(text=st.text(st.characters(exclude_categories=())))
def test_no_event_writes_two_lines(text: str) -> None:
    """Line breaks of any alphabet, terminal sequences and lone surrogates are escaped; nothing is lost."""
    event = {
        "name": "signed_in",
        "user_id": text,
        "session_id": text,
        "family_id": text,
        "client_id": text,
        "reason": text,
        "device": {"address": text, "user_agent": text},
        "previous_device": {"address": text, "user_agent": text},
    }
    record = logging.LogRecord("jotpass.events", logging.INFO, "", 0, "%s", ("x",), None)
    record.event, record.request_id = event, text
    line = AuditFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert {json.loads(line)[member] for member in MEMBERS[3:]} == {text}


def test_a_request_id_is_bounded_and_printable(transactional_db: None, written: io.StringIO) -> None:
    """Whoever wrote it."""
    request = RequestFactory().get("/")
    request.META["HTTP_X_REQUEST_ID"] = "a\r\n\x1b[31m" + "x" * 1000
    emit_after_commit(Event("signed_in", device=Device()), using="default", request=request)
    (line,) = lines(written)
    assert line["request_id"].isprintable()
    assert len(line["request_id"]) == 100


def test_an_event_without_a_request_has_all_members(transactional_db: None, written: io.StringIO) -> None:
    """What does not apply is empty."""
    emit_after_commit(Event("revoked", reason="revoked_by_admin"), using="default")
    (line,) = lines(written)
    assert list(line) == MEMBERS
    assert {member for member, value in line.items() if value} == {"time", "level", "event", "reason"}


def test_a_record_of_another_kind_is_one_line_too() -> None:
    """The failure of a receiver, its traceback included."""
    error = ValueError("two\nlines")
    failure = (ValueError, error, None)
    record = logging.LogRecord("jotpass.events", logging.ERROR, "", 0, "receiver %s failed", ("x",), failure)
    line = AuditFormatter().format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert list(found) == ["time", "level", "logger", "message", "exception"]
    assert found["message"] == "receiver x failed"
    assert found["exception"].endswith("ValueError: two\nlines")


@pytest.mark.parametrize("name", ["shop.orders", "jotpass.events"])
@pytest.mark.parametrize("event", ["order_placed", 7, ("a", "b"), {"name": "order_placed"}, {}], ids=repr)
def test_an_event_of_somebody_else_is_a_record_of_another_kind(name: str, event: object) -> None:
    """Where the whole project writes to one log, nothing of it is lost."""
    record = logging.LogRecord(name, logging.INFO, "", 0, "order %d", (7,), None)
    record.event = event
    found = json.loads(AuditFormatter().format(record))
    assert list(found) == ["time", "level", "logger", "message", "exception"]
    assert (found["logger"], found["message"]) == (name, "order 7")


def test_the_attributes_of_an_event_are_known() -> None:
    """By them it is told from what others call so."""
    assert {attribute.name for attribute in fields(Event)} == audit_log._MEMBERS
