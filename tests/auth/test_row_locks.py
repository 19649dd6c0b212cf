"""On a database without SELECT FOR UPDATE a transaction begins with a write, and so waits for its turn."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Session
from jotpass.auth.revocation import revoke_session, revoke_user, take_back
from jotpass.auth.sessions import reauthenticate_session, start_session
from jotpass.auth.signing_keys import revoke_key, ring_keys, roll_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)

ISSUER = "https://id.example"


@contextmanager
def default_options() -> Iterator[None]:
    """Transactions of SQLite begin as they do unless a project says otherwise."""
    connection.ensure_connection()
    with mock.patch.object(connections["default"], "transaction_mode", None, create=True):
        yield


def _reauthenticate(user: Any, token: str, sid: UUID) -> object:
    return reauthenticate_session(authenticate_access_token(token).access_token)


def _start(user: Any, token: str, sid: UUID) -> object:
    return start_session(user)


def _revoke_session(user: Any, token: str, sid: UUID) -> object:
    return revoke_session(sid, reason="test")


def _revoke_user(user: Any, token: str, sid: UUID) -> object:
    return revoke_user(user, reason="test")


def _take_back(user: Any, token: str, sid: UUID) -> object:
    return take_back(sid, reason="test")


def _delete_session(user: Any, token: str, sid: UUID) -> object:
    return Session.objects.get(sid=sid).delete()


def _roll_over(user: Any, token: str, sid: UUID) -> object:
    return roll_over(ISSUER, at_once=True)


def _revoke_key(user: Any, token: str, sid: UUID) -> object:
    return revoke_key(ISSUER, ring_keys(ISSUER)[0][0].kid)


@pytest.mark.parametrize(
    "act",
    [
        _reauthenticate,
        _start,
        _revoke_session,
        _revoke_user,
        _take_back,
        _delete_session,
        _roll_over,
        _revoke_key,
    ],
)
def test_no_transaction_begins_by_reading(
    user: Any, settings: Any, act: Callable[[Any, str, UUID], object]
) -> None:
    """Whoever reads first is turned away when somebody else commits before it writes."""
    settings.JOTPASS = {
        "ISSUER": ISSUER,
        "AUDIENCE": ISSUER,
        "SIGNING_ALGORITHM": "ES256",
        "SESSIONS_PER_USER": 2,
    }
    pair = start_session(user)
    with default_options(), CaptureQueriesContext(connection) as captured:
        act(user, pair.access, UUID(pair.session_id))
    said = [query["sql"] for query in captured.captured_queries]
    firsts = [after for before, after in pairwise(said) if before.startswith("BEGIN")]
    assert firsts
    if not connection.features.has_select_for_update:
        assert not [first for first in firsts if first.startswith("SELECT")]


def test_a_held_row_stays_as_it_is(user: Any) -> None:
    """The write that takes the turn changes nothing."""
    pair = start_session(user)
    Session.objects.update(label="desk")
    before = Session.objects.values().get()
    with default_options(), transaction.atomic():
        reauthenticate_session(authenticate_access_token(pair.access).access_token)
    after = Session.objects.values().get()
    assert after | {"auth_time": before["auth_time"]} == before
