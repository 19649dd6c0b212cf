"""A sign-in that the database undid for the sake of another is tried again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.test import Client

from jotpass.auth.drf import views
from jotpass.auth.models import Session
from jotpass.auth.serialization_failures import ATTEMPTS, tried_again
from jotpass.auth.sessions import start_session
from tests.auth.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    """As the driver of PostgreSQL says it."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


class Rival:
    """Comes between a number of times."""

    def __init__(self, times: int, sqlstate: str = "40001") -> None:
        self.times = times
        self.sqlstate = sqlstate
        self.calls = 0

    def __call__(self) -> None:
        """Fail as Django does, or pass."""
        self.calls += 1
        if self.calls <= self.times:
            raise OperationalError from Undone(self.sqlstate)


def test_a_sign_in_that_was_undone_is_repeated(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is that of the attempt that passed, and there is one session."""
    rival = Rival(2)

    def start(*args: Any, **options: Any) -> object:
        pair = start_session(*args, **options)
        rival()
        return pair

    monkeypatch.setattr(views, "start_session", start)
    credentials = {"username": user.get_username(), "password": PASSWORD}
    answer = Client().post("/api/token/", credentials, content_type="application/json")
    assert answer.status_code == 200
    assert rival.calls == 3
    assert Session.objects.count() == 1


def test_it_ends() -> None:
    """After some attempts; at once where something else is wrong, or the transaction is somebody else's."""
    rival = Rival(ATTEMPTS)
    with pytest.raises(OperationalError):
        tried_again(rival)
    assert rival.calls == ATTEMPTS
    locked = Rival(1, "55P03")
    with pytest.raises(OperationalError):
        tried_again(locked)
    inside = Rival(1)
    with transaction.atomic(), pytest.raises(OperationalError):
        tried_again(inside)
    assert locked.calls == inside.calls == 1
