"""SESSIONS_PER_USER: who signs in once too often loses the session that was not used for the longest."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from jotpass.auth import errors
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, live_sessions, start_session
from tests.auth.people import create_user
from tests.auth.statements import statements
from tests.auth.together import together

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.events import Event
    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock


@pytest.fixture
def limit(settings: Any) -> Callable[[int], None]:
    """Sets SESSIONS_PER_USER."""

    def set_to(number: int) -> None:
        settings.JOTPASS = {"SESSIONS_PER_USER": number}

    return set_to


def live(user: Any) -> set[str]:
    """The sids of a person's live sessions."""
    return {str(session.sid) for session in live_sessions(user)}


def sids(*pairs: TokenPair) -> set[str]:
    """The sessions of some pairs."""
    return {pair.session_id for pair in pairs}


def test_one_too_many_ends_the_one_unused_for_longest(
    user: Any, limit: Callable[[int], None], database_clock: DatabaseClock
) -> None:
    """Not the one begun first: a refresh is use. Its tokens are refused, by the reason `session_limit`."""
    limit(2)
    first = start_session(user)
    database_clock.advance(timedelta(seconds=10))
    second = start_session(user)
    database_clock.advance(timedelta(seconds=10))
    rotate_refresh_token(first.refresh)
    third = start_session(user)
    assert live(user) == sids(first, third)
    with pytest.raises(errors.TokenRevoked):
        authenticate_access_token(second.access)
    assert rotate_refresh_token(second.refresh).outcome is Outcome.REVOKED
    assert Session.objects.get(sid=second.session_id).revoked_reason == "session_limit"


def test_a_limit_of_one_is_the_last_device_alone(user: Any, limit: Callable[[int], None]) -> None:
    """The newest session is never the one that ends."""
    limit(1)
    for _ in range(3):
        newest = start_session(user)
        assert live(user) == sids(newest)


def test_the_newest_session_stays_though_the_clock_was_set_back(
    user: Any, limit: Callable[[int], None], database_clock: DatabaseClock
) -> None:
    """The others then seem to be used an hour from now."""
    limit(2)
    for _ in range(2):
        start_session(user)
    database_clock.advance(timedelta(hours=-1))
    newest = start_session(user)
    assert newest.session_id in live(user)
    assert len(live(user)) == 2


def test_a_lower_limit_holds_from_the_next_sign_in(user: Any, limit: Callable[[int], None]) -> None:
    """However many there were."""
    for _ in range(5):
        start_session(user)
    limit(2)
    newest = start_session(user)
    assert len(live(user)) == 2
    assert newest.session_id in live(user)


def test_only_live_sessions_of_the_person_count(
    user: Any, limit: Callable[[int], None], make_user: Callable[[str], Any]
) -> None:
    """Neither somebody else's, nor those that have ended, nor those whose client was silent too long."""
    other = start_session(make_user("ada"))
    limit(3)
    ended, idle, kept = (start_session(user) for _ in range(3))
    end_session(ended.session_id)
    TokenFamily.objects.filter(session__sid=idle.session_id).update(idle_expires_at="2001-01-01T00:00:00Z")
    limit(2)
    newest = start_session(user)
    assert live(user) == sids(kept, newest)
    assert not Session.objects.get(sid=idle.session_id).revoked_reason
    authenticate_access_token(other.access)


@pytest.mark.django_db(transaction=True)
def test_it_is_an_event(user: Any, limit: Callable[[int], None], events: list[Event]) -> None:
    """The session that ended, and why, told after the sign-in is committed."""
    limit(1)
    first = start_session(user)
    events.clear()
    with transaction.atomic():
        start_session(user)
        assert not events
    told = {event.name: event for event in events}
    assert (told["revoked"].session_id, told["revoked"].reason) == (first.session_id, "session_limit")
    assert "signed_in" in told


def test_without_a_limit_nothing_more_is_asked(user: Any, limit: Callable[[int], None]) -> None:
    """Two INSERTs; below a limit one SELECT more."""
    with statements() as said:
        start_session(user)
    assert [statement.split()[0] for statement in said] == ["INSERT", "INSERT"]
    limit(2)
    with statements() as said:
        start_session(user)
    assert [statement.split()[0] for statement in said] == ["INSERT", "INSERT", "SELECT"]


def test_a_sign_in_that_fails_ends_nothing(user: Any, limit: Callable[[int], None]) -> None:
    """The limit and the session are one transaction."""
    limit(1)
    first = start_session(user)
    stale = type(user)._default_manager.get(pk=user.pk)
    stale.set_password("another")
    with pytest.raises(errors.NoActiveAccount):
        start_session(stale)
    assert live(user) == sids(first)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 3])
def test_simultaneous_sign_ins_never_leave_more(limit: Callable[[int], None], number: int) -> None:
    """Each in a thread of its own: the account's row is held from the INSERT to the commit."""
    user = create_user("racer")
    limit(number)
    for _ in range(4):
        pairs = together(*[partial(start_session, user)] * 8)
        assert len(live(user)) == number
        assert live(user) <= sids(*pairs)
        working = [pair for pair in pairs if rotate_refresh_token(pair.refresh).pair]
        assert len(working) == number
