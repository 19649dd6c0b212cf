"""Events: one signal and one line in the log each, after commit, and nothing secret in any of them."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connections, transaction
from django.db.utils import ConnectionHandler
from django.dispatch import Signal

from jotpass.auth import signals
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.device import Device
from jotpass.auth.events import ALARMING, Event, emit_after_commit
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import Outcome, Verdict
from jotpass.auth.revocation import revoke_token, revoke_user
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, reauthenticate_session, start_session
from tests.auth.people import PASSWORD, request_from

if TYPE_CHECKING:
    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock

NAMES = [name for name, value in vars(signals).items() if isinstance(value, Signal)]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that is logged, by anybody."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize("name", NAMES)
def test_each_event_has_a_signal_and_a_line(
    transactional_db: None, events: list[Event], log: pytest.LogCaptureFixture, name: str
) -> None:
    """A receiver gets the event and the request; the line names it, and carries all of it for a formatter."""
    request = request_from("192.0.2.1")
    event = Event(name, user_id="42", session_id="s", family_id="f", device=Device("Test/1", "192.0.2.1"))
    heard: list[dict[str, Any]] = []

    def receiver(**arguments: Any) -> None:
        heard.append(arguments)

    getattr(signals, name).connect(receiver)
    emit_after_commit(event, using="default", request=request)
    assert events == [event]
    assert heard == [{"sender": Event, "event": event, "request": request, "signal": getattr(signals, name)}]
    (record,) = [record for record in log.records if record.name == "jotpass.events"]
    assert record.getMessage() == f"{name} user=42 sid=s fid=f"
    assert record.levelno == (logging.WARNING if name in ALARMING else logging.INFO)
    assert record.event == asdict(event)  # type: ignore[attr-defined]


def test_every_alarm_and_every_granting_outcome_has_a_signal() -> None:
    """No event is without one."""
    told = {outcome.value for outcome in Outcome if Verdict(outcome, 1, 0).grants}
    assert ALARMING | told | {"reuse_detected"} <= set(NAMES)


def test_a_failing_receiver_harms_nothing(
    transactional_db: None, user: Any, events: list[Event], log: pytest.LogCaptureFixture
) -> None:
    """What the event tells of has happened; the other receivers hear of it, and the failure is logged."""

    def failing(**_: object) -> None:
        raise ZeroDivisionError

    signals.signed_in.connect(failing)
    try:
        pair = start_session(user)
    finally:
        signals.signed_in.disconnect(failing)
    assert Session.objects.count() == 1
    assert [event.name for event in events] == ["signed_in"]
    assert any(record.levelno == logging.ERROR and record.exc_info for record in log.records)
    assert rotate_refresh_token(pair.refresh).pair is not None


def test_a_receiver_finds_what_it_is_told_of(transactional_db: None, user: Any) -> None:
    """The rows are committed when it hears, so that it may write its own beside them."""
    seen: list[tuple[int, bool]] = []

    def receiver(event: Event, **_: object) -> None:
        sessions = Session.objects.filter(sid=event.session_id, revoked_at__isnull=event.name == "signed_in")
        seen.append((sessions.count(), transaction.get_connection().in_atomic_block))

    for signal in (signals.signed_in, signals.revoked):
        signal.connect(receiver)
    try:
        with transaction.atomic():
            pair = start_session(user)
        end_session(pair.session_id)
    finally:
        for signal in (signals.signed_in, signals.revoked):
            signal.disconnect(receiver)
    assert seen == [(1, False), (1, False)]


def test_a_rolled_back_event_is_not_sent(transactional_db: None, events: list[Event]) -> None:
    """Nor is one of a savepoint that was rolled back inside a transaction that was not."""
    with transaction.atomic():
        emit_after_commit(Event("revoked"), using="default")
        transaction.set_rollback(True)
    with transaction.atomic():
        emit_after_commit(Event("signed_in"), using="default")
        with transaction.atomic():
            emit_after_commit(Event("revoked"), using="default")
            transaction.set_rollback(True)
    assert [event.name for event in events] == ["signed_in"]


def test_outside_a_transaction_no_database_is_needed(
    events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was refused without it is told while it is away."""

    def away(_: object) -> None:
        raise OperationalError

    closed = ConnectionHandler({"default": connections.settings["default"]})
    monkeypatch.setattr("jotpass.auth.events.connections", closed)
    monkeypatch.setattr(type(closed["default"]), "connect", away)
    emit_after_commit(Event("sign_in_failed"), using="default")
    assert [event.name for event in events] == ["sign_in_failed"]
    assert closed["default"].connection is None


def test_no_line_and_no_event_holds_a_secret(
    transactional_db: None,
    user: Any,
    database_clock: DatabaseClock,
    events: list[Event],
    log: pytest.LogCaptureFixture,
) -> None:
    """A whole life of tokens, with every outcome: no token, password, key or hash in the log."""
    pairs: list[TokenPair] = [start_session(user, request_from("192.0.2.1"))]
    rows = list(TokenFamily.objects.values_list("random_value", flat=True))
    _play(pairs, database_clock, timedelta(seconds=11))
    pairs.append(start_session(user))
    rows += TokenFamily.objects.values_list("random_value", flat=True)
    access_token = verify_access_token(pairs[-1].access, token_policy(), now=time.time())
    pairs.append(reauthenticate_session(access_token))
    revoke_token(access_token, reason="revoked_by_client")
    secrets = {PASSWORD, django_settings.SECRET_KEY, user.password, user.get_session_auth_hash(), *rows}
    user.set_password("another password altogether")
    user.save()
    pairs.append(start_session(user))
    end_session(pairs[-1].session_id)
    revoke_user(user, reason="revoked_by_admin")
    rotate_refresh_token("a.forged.token")

    assert {event.name for event in events} >= {
        "signed_in",
        "refreshed",
        "refresh_repeated",
        "refresh_recovered",
        "reuse_detected",
        "generation_ahead",
        "revoked",
        "signed_out",
        "reauthenticated",
    }
    secrets |= {"another password altogether", user.password, user.get_session_auth_hash()}
    for pair in pairs:
        for token in (pair.access, pair.refresh):
            secrets |= {token, *token.split(".")[1:]}
    logged = "\n".join(f"{record.getMessage()} {vars(record)!r}" for record in log.records)
    told = "\n".join(repr(event) for event in events)
    for secret in secrets:
        assert secret not in logged
        assert secret not in told
        assert secret not in "\n".join(map(repr, pairs))


def _play(pairs: list[TokenPair], database_clock: DatabaseClock, grace: timedelta) -> None:
    """Refresh, lose answers, restore a backup, and reuse."""
    first = pairs[0].refresh

    def exchange(token: str) -> None:
        pair = rotate_refresh_token(token).pair
        assert pair is not None
        pairs.append(pair)

    exchange(first)
    exchange(first)
    database_clock.advance(grace)
    exchange(first)
    TokenFamily.objects.update(generation=1, parent=0)
    exchange(pairs[-1].refresh)
    assert rotate_refresh_token(first).outcome is Outcome.REUSED


def test_an_unknown_event_is_a_mistake_that_harms_nobody(
    transactional_db: None, log: pytest.LogCaptureFixture
) -> None:
    """It is logged, and what it would have told of stays done."""
    emit_after_commit(Event("no_such_event"), using="default")
    assert any(record.levelno == logging.ERROR for record in log.records)


def test_an_event_is_a_value() -> None:
    """It can be compared, kept and printed; its identifiers are text."""
    event = Event("revoked", user_id="1", session_id=str(UUID(int=1)))
    assert event == Event("revoked", user_id="1", session_id=str(UUID(int=1)))
    assert all(isinstance(value, (str, dict)) for value in asdict(event).values())
