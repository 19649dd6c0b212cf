"""What the tests of a move share: a person, a client, the events, and a database clock to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.dispatch import Signal
from rest_framework.test import APIClient

from jotpass.auth import signals
from jotpass.auth.live_key_ring import forget_all
from jotpass.auth.revocation import feed
from tests.auth.database_clock import DatabaseClock
from tests.auth.people import create_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jotpass.auth.events import Event


@pytest.fixture(autouse=True)
def _unread_feed() -> None:
    """Each test begins as a process does: with no revocation and no key read."""
    feed._forget()
    forget_all()


@pytest.fixture
def user(db: None) -> Any:
    """An active user whose password is `people.PASSWORD`."""
    return create_user("vitor")


@pytest.fixture
def client() -> APIClient:
    """A client that sends JSON and follows no exception."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def events() -> Iterator[list[Event]]:
    """Every event that is sent during the test, in order."""
    seen: list[Event] = []

    def remember(event: Event, **_: object) -> None:
        seen.append(event)

    connected = [value for value in vars(signals).values() if isinstance(value, Signal)]
    for signal in connected:
        signal.connect(remember)
    yield seen
    for signal in connected:
        signal.disconnect(remember)


@pytest.fixture
def database_clock(db: None) -> Iterator[DatabaseClock]:
    """The database's clock, to be set."""
    clock = DatabaseClock()
    yield clock
    clock.restore()
