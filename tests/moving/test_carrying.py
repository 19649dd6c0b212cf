"""Carrying refresh tokens into sessions: which, what of them, how often, and with how much memory."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError
from django.db.models import TextField, Value
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken, SlidingToken

from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import live_sessions
from jotpass.auth.simplejwt import carrying
from jotpass.auth.simplejwt.carrying import carry
from tests.auth.people import create_user
from tests.auth.statements import statements
from tests.auth.together import together
from tests.moving.old_tokens import DAY, carried, carry_all, family_of, fill, issue, row_of

if TYPE_CHECKING:
    from jotpass.auth.events import Event

FORTNIGHT = timedelta(days=14)


def test_a_token_becomes_a_session(user: Any) -> None:
    """One session of its user with one family, which lives as long as the token."""
    token = carried(user)
    family, row = family_of(token), row_of(token)
    session = family.session
    assert (session.user_id, session.revoked_at, family.revoked_at) == (user.pk, None, None)
    assert (family.client_id, family.transport, family.scope) == ("first-party", "body", "")
    assert (family.generation, family.parent) == (1, 0)
    assert family.idle_expires_at == row.expires_at
    assert session.created_at == row.created_at
    assert session.expires_at == row.created_at + FORTNIGHT
    assert [found.sid for found in live_sessions(user)] == [session.sid]


def test_a_session_lasts_as_long_as_its_token(user: Any, settings: Any) -> None:
    """A token that lives longer than SESSION_LIFETIME is not cut short."""
    settings.SIMPLE_JWT = {**settings.SIMPLE_JWT, "REFRESH_TOKEN_LIFETIME": timedelta(days=365)}
    token = carried(user)
    assert family_of(token).session.expires_at == row_of(token).expires_at


def test_a_session_is_no_recent_authentication(user: Any) -> None:
    """When and how the person authenticated is not known: nobody passes for just having done so."""
    session = family_of(carried(user)).session
    assert session.auth_time <= timezone.now() - FORTNIGHT
    assert session.amr == []


def test_sessions_without_an_end_are_carried_too(user: Any, settings: Any) -> None:
    """However long a session may last, its access tokens are good."""
    settings.JOTPASS = {**settings.JOTPASS, "SESSION_LIFETIME": timedelta(days=36_525)}
    pair = rotate_refresh_token(carried(user)).pair
    assert pair is not None
    assert authenticate_access_token(pair.access)[0] == user


def test_a_row_without_a_beginning_is_carried(user: Any) -> None:
    """The oldest rows do not say when their token was issued."""
    token = issue(user)
    OutstandingToken.objects.update(created_at=None)
    assert carry_all() == {"carried": 1}
    assert family_of(token).session.created_at <= timezone.now()


def test_what_is_carried_and_what_is_not(user: Any) -> None:
    """Not expired, not blacklisted, of an active user, and a refresh token as far as is known."""
    good = issue(user)
    spent = RefreshToken.for_user(user)
    spent.blacklist()
    expired = issue(user)
    OutstandingToken.objects.filter(pk=row_of(expired).pk).update(expires_at=timezone.now() - DAY)
    issue(create_user("former", is_active=False))
    orphan = issue(user)
    OutstandingToken.objects.filter(pk=row_of(orphan).pk).update(user=None)
    sliding = SlidingToken.for_user(user)
    # As the package itself stores it, in clear.
    OutstandingToken.objects.filter(jti=sliding["jti"]).update(token=Value(str(sliding), TextField()))
    found = carry_all()
    assert found == {"carried": 1, "spent": 1, "inactive": 1, "no_user": 1, "other_type": 1}
    assert TokenFamily.objects.get() == family_of(good)
    assert Session.objects.count() == 1


@pytest.mark.parametrize("in_clear", [False, True])
def test_sliding_tokens_are_not_carried(user: Any, in_clear: bool) -> None:
    """Nobody could exchange one here: no session begins, whether the row holds the token or its digest."""
    token = str(SlidingToken.for_user(user))
    if in_clear:
        OutstandingToken.objects.update(token=Value(token, TextField()))
    assert carry_all() == {"other_type": 1}
    assert not live_sessions(user).exists()


def test_a_second_run_carries_what_is_new(user: Any) -> None:
    """What was carried stays as it is."""
    first = carried(user)
    before = family_of(first).session
    second = issue(user)
    assert carry_all() == {"carried": 1, "carried_before": 1}
    assert family_of(first).session == before
    assert family_of(second).session != before
    assert carry_all() == {"carried_before": 2}


def test_a_signed_out_session_is_not_carried_again(user: Any) -> None:
    """Its row stays until its token has expired."""
    session = family_of(carried(user)).session
    Session.objects.filter(pk=session.pk).update(revoked_at=timezone.now())
    TokenFamily.objects.update(revoked_at=timezone.now())
    assert carry_all() == {"carried_before": 1}
    assert not live_sessions(user).exists()


def test_a_run_that_was_killed_has_lost_nothing(user: Any) -> None:
    """What it has carried stays, and the next run carries the rest."""
    fill([user], 5)
    killed = carry(2)
    assert dict(next(killed)) == {"carried": 2}
    del killed
    assert carry_all() == {"carried_before": 2, "carried": 3}


def test_a_dry_run_writes_nothing(user: Any) -> None:
    """It says what the run will say."""
    issue(user)
    with statements() as said:
        found = carry_all(dry_run=True)
    assert {statement.split()[0] for statement in said} == {"SELECT"}
    assert found == carry_all() == {"carried": 1}


@pytest.mark.django_db(transaction=True)
def test_a_session_whose_token_was_blacklisted_since_ends(user: Any, events: list[Event]) -> None:
    """The next run ends what nobody can use any more, and only once."""
    token = carried(user)
    RefreshToken(token).blacklist()
    assert carry_all() == carry_all() == {"spent": 1}
    assert family_of(token).session.revoked_reason == "revoked_by_client"
    assert [event.reason for event in events if event.name == "revoked"] == ["revoked_by_client"]


@pytest.mark.django_db
def test_nothing_is_carried_without_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project without the app has no tables to read."""
    monkeypatch.setattr("jotpass.auth.simplejwt.tables._LABEL", "no_such_app")
    assert carry_all() == {}


def test_statements_are_counted_by_batches(user: Any) -> None:
    """However many rows a batch has, it takes as many statements."""
    fill([user], 40)
    counts = []
    for batch in (10, 20):
        Session.objects.all().delete()
        with statements() as said:
            next(carry(batch))
        counts.append(len(said))
    assert counts[0] == counts[1] <= 8


def test_memory_does_not_grow_with_the_rows(user: Any) -> None:
    """Nothing is remembered but the batch."""
    people = [user, *(create_user(f"person-{number}") for number in range(20))]
    fill(people, 500)
    carry_all(250)
    peaks = []
    for count in (1000, 6000):
        OutstandingToken.objects.all().delete()
        Session.objects.all().delete()
        fill(people, count)
        tracemalloc.start()
        assert carry_all(250) == {"carried": count}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
    assert TokenFamily.objects.count() == Session.objects.count() == 6000


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_carry_each_token_once(user: Any) -> None:
    """They share the work or one does all of it; no session is there twice."""
    fill([user], 600)
    runs = together(*(lambda: carry_all(50) for _ in range(4)))
    assert sum(run.get("carried", 0) for run in runs) == 600
    assert TokenFamily.objects.count() == Session.objects.count() == 600


def test_a_database_that_gives_up_once_is_asked_again(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock or a lock that took too long costs nothing; one that stays is told."""
    fill([user], 3)
    read = carrying._users_of
    failures = [OperationalError("deadlock detected")] * 4

    def users_of(tokens: Any) -> Any:
        if failures:
            raise failures.pop()
        return read(tokens)

    monkeypatch.setattr(carrying, "_users_of", users_of)
    assert carry_all() == {"carried": 3}
    failures += [OperationalError("gone")] * 5
    with pytest.raises(OperationalError, match="gone"):
        carry_all()


@pytest.mark.django_db(transaction=True)
def test_an_account_that_goes_away_meanwhile_stops_nobody(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch is read again without it."""
    leaving = create_user("leaving")
    fill([user, leaving], 10)
    read = carrying._users_of
    times: list[int] = []

    def users_of(tokens: Any) -> Any:
        found = read(tokens)
        if not times:
            leaving.delete()
        times.append(len(found))
        return found

    monkeypatch.setattr(carrying, "_users_of", users_of)
    assert carry_all() == {"carried": 5, "no_user": 5}
    assert times == [2, 1]
