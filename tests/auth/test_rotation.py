"""Exchanging a refresh token: which statements it takes, and what each presented token gets."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction

from jotpass.auth import errors, rotation
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.rotation import family_of_refresh_token, judge_refresh_token, rotate_refresh_token
from jotpass.auth.sessions import start_session
from tests.auth.people import claims_of, request_from
from tests.auth.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.events import Event
    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def exchange(token: str) -> TokenPair:
    """Exchange a token that must be good."""
    pair = rotate_refresh_token(token).pair
    assert pair is not None
    return pair


def outcome_of(token: str) -> Outcome:
    """Present a token."""
    return rotate_refresh_token(token).outcome


def row() -> dict[str, Any]:
    """The one family's row."""
    return dict(TokenFamily.objects.values().get())


# --- statements ---------------------------------------------------------------------------------------------


def test_an_uncontended_exchange_is_two_statements(user: Any) -> None:
    """One SELECT, one UPDATE, whatever the row's age."""
    pair = start_session(user)
    for _ in range(3):
        with statements() as said:
            pair = exchange(pair.refresh)
        assert [statement.split()[0] for statement in said] == ["SELECT", "UPDATE"]


def test_the_update_names_one_table_and_selects_nothing(user: Any) -> None:
    """A condition that looks at another row lets several racers win."""
    pair = start_session(user)
    with statements() as said:
        exchange(pair.refresh)
    (update,) = [statement for statement in said if statement.startswith("UPDATE")]
    assert re.findall(r"jotpass_\w+", update) == ["jotpass_tokenfamily"]
    assert not re.search(r"\b(SELECT|FROM|JOIN|EXISTS|IN)\b", update, re.IGNORECASE)
    condition = update.partition(" WHERE ")[2]
    assert re.findall(r'"(\w+)"', condition) == ["fid", "generation", "revoked_at"]


def test_nothing_that_an_exchange_changes_is_indexed() -> None:
    """PostgreSQL then writes the new row beside the old one and touches no index."""
    fields = TokenFamily._meta
    indexed = {name for index in fields.indexes for name in index.fields}
    for name in rotation._ADVANCE._sets:
        field: Any = fields.get_field(name)
        assert not field.db_index
        assert not field.unique
        assert name not in indexed


def lose_the_race(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Let something happen between the next exchange's SELECT and its UPDATE."""
    advance = rotation.advance

    def late(*args: Any) -> bool:
        monkeypatch.setattr(rotation, "advance", advance)
        meanwhile()
        return advance(*args)

    monkeypatch.setattr(rotation, "advance", late)


def test_a_lost_race_is_three_statements(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """SELECT, an UPDATE that finds the row moved, SELECT again: the winner's token, byte for byte."""
    token = start_session(user).refresh
    winner: list[TokenPair] = []
    lose_the_race(monkeypatch, lambda: winner.append(exchange(token)))
    with statements() as said:
        loser = rotate_refresh_token(token)
    verbs = [statement.split()[0] for statement in said]
    # The winner's own two stand in the middle.
    assert verbs == ["SELECT", "SELECT", "UPDATE", "UPDATE", "SELECT"]
    assert loser.outcome is Outcome.REPEATED
    assert loser.pair is not None
    assert loser.pair.refresh == winner[0].refresh
    assert row()["generation"] == 2


def test_a_revocation_in_between_wins(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is revoked between the SELECT and the UPDATE gets nothing, and advances nothing."""
    pair = start_session(user)
    lose_the_race(monkeypatch, lambda: TokenFamily.objects.update(revoked_at=datetime.now(UTC)))
    assert rotate_refresh_token(pair.refresh) == rotation.Rotation(Outcome.REVOKED)
    assert row()["generation"] == 1


def test_a_row_deleted_in_between_is_foreign(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account may go while its token is being exchanged."""
    pair = start_session(user)
    lose_the_race(monkeypatch, user.delete)
    assert rotate_refresh_token(pair.refresh) == rotation.Rotation(Outcome.FOREIGN)


def test_endless_races_end_in_unavailability(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who never wins is told to come again; nothing was written and nothing revoked."""
    pair = start_session(user)
    before = row()
    monkeypatch.setattr(rotation, "advance", lambda *_: False)
    with pytest.raises(errors.ServiceUnavailable):
        rotate_refresh_token(pair.refresh)
    assert row() == before
    monkeypatch.undo()
    assert outcome_of(pair.refresh) is Outcome.ROTATED


def test_a_race_without_grace_recovers(user: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """With the grace off the loser starts over, and the winner's token is void."""
    settings.JOTPASS = {"REFRESH_REUSE_GRACE": 0}
    token = start_session(user).refresh
    winner: list[TokenPair] = []
    lose_the_race(monkeypatch, lambda: winner.append(exchange(token)))
    loser = rotate_refresh_token(token)
    assert loser.outcome is Outcome.RECOVERED
    assert outcome_of(winner[0].refresh) is Outcome.REUSED


# --- grace, recovery, reuse ---------------------------------------------------------------------------------


def test_the_parent_within_the_grace_gets_the_current_token(user: Any) -> None:
    """Byte for byte, as often as it asks, and without a write; the access token is a new one."""
    parent = start_session(user).refresh
    current = exchange(parent)
    before = row()
    for _ in range(3):
        with statements() as said:
            again = rotate_refresh_token(parent)
        assert again.outcome is Outcome.REPEATED
        assert again.pair is not None
        assert again.pair.refresh == current.refresh
        assert again.pair.access != current.access
        assert len(said) == 1
    assert row() == before


def test_the_current_token_is_the_same_after_a_change_of_settings(user: Any, settings: Any) -> None:
    """It is a pure function of the row: not of the lifetimes that are configured now."""
    parent = start_session(user).refresh
    current = exchange(parent)
    settings.JOTPASS = {"REFRESH_TOKEN_LIFETIME": 60, "SESSION_LIFETIME": 120}
    assert exchange(parent).refresh == current.refresh


def test_the_parent_after_the_grace_recovers(
    user: Any, database_clock: DatabaseClock, transactional_db: None, events: list[Event]
) -> None:
    """It gets a new token; the one that was not returned is void, and an event tells."""
    parent = start_session(user).refresh
    unreturned = exchange(parent)
    database_clock.advance(11 * SECOND)
    recovered = rotate_refresh_token(parent)
    assert recovered.outcome is Outcome.RECOVERED
    assert recovered.pair is not None
    assert (row()["generation"], row()["parent"]) == (3, 1)
    assert [event.name for event in events] == ["signed_in", "refreshed", "refresh_recovered"]
    assert outcome_of(unreturned.refresh) is Outcome.REUSED
    assert outcome_of(recovered.pair.refresh) is Outcome.REVOKED


def test_the_parent_after_the_recovery_is_reuse(user: Any, database_clock: DatabaseClock) -> None:
    """Too late for a lost answer."""
    parent = start_session(user).refresh
    exchange(parent)
    database_clock.advance(HOUR + SECOND)
    assert outcome_of(parent) is Outcome.REUSED


@pytest.mark.parametrize("present", [rotate_refresh_token, judge_refresh_token])
def test_reuse_revokes_the_family_once(
    user: Any, transactional_db: None, events: list[Event], present: Callable[[str], object]
) -> None:
    """Nothing under the family works any more; one revocation, and one event about the reuse."""
    grandparent = start_session(user).refresh
    current = exchange(exchange(grandparent).refresh)
    events.clear()
    for _ in range(3):
        present(grandparent)
    assert [(event.name, event.reason) for event in events] == [
        ("revoked", "reuse_detected"),
        ("reuse_detected", ""),
    ]
    assert Revocation.objects.count() == 1
    assert outcome_of(current.refresh) is Outcome.REVOKED
    with pytest.raises(errors.TokenRevoked):
        authenticate_access_token(current.access)


def test_reuse_leaves_other_sessions_alone(user: Any) -> None:
    """The family is the unit of reuse, not the person."""
    stolen, other = start_session(user).refresh, start_session(user)
    exchange(exchange(stolen).refresh)
    assert outcome_of(stolen) is Outcome.REUSED
    assert outcome_of(other.refresh) is Outcome.ROTATED
    authenticate_access_token(other.access)


def test_answers_within_the_windows_tell_both_devices(
    user: Any, database_clock: DatabaseClock, transactional_db: None, events: list[Event]
) -> None:
    """Each grace and recovery answer is an event with the address and user agent of sign-in and of now."""
    parent = start_session(user, request_from("192.0.2.1", "Owner/1")).refresh
    exchange(parent)
    rotate_refresh_token(parent, request_from("203.0.113.9", "Other/2"))
    database_clock.advance(11 * SECOND)
    rotate_refresh_token(parent, request_from("203.0.113.9", "Other/2"))
    told = {event.name: event for event in events}
    for name in ("refresh_repeated", "refresh_recovered"):
        assert (told[name].device.address, told[name].device.user_agent) == ("203.0.113.9", "Other/2")
        assert told[name].previous_device.address == "192.0.2.1"
        assert told[name].previous_device.user_agent == "Owner/1"


def test_a_restored_row_goes_on_from_the_token(
    user: Any, transactional_db: None, events: list[Event]
) -> None:
    """After a backup came back, the client's newer token rotates from itself, and an event tells."""
    pair = start_session(user)
    backup = {name: value for name, value in row().items() if name in rotation._ADVANCE._sets}
    newest = exchange(exchange(pair.refresh).refresh)
    TokenFamily.objects.update(**backup)
    rotated = rotate_refresh_token(newest.refresh)
    assert rotated.outcome is Outcome.AHEAD
    assert rotated.pair is not None
    assert (row()["generation"], row()["parent"]) == (4, 3)
    assert events[-1].name == "generation_ahead"
    assert outcome_of(rotated.pair.refresh) is Outcome.ROTATED


def test_looking_at_a_token_does_not_exchange_it(user: Any) -> None:
    """`judge_refresh_token` finds the family of a live token and writes nothing."""
    pair = start_session(user)
    before = row()
    found = judge_refresh_token(pair.refresh)
    assert found is not None
    assert str(found.sid) == pair.session_id
    assert row() == before
    Session.objects.update(revoked_at=datetime.now(UTC))
    assert judge_refresh_token(pair.refresh) is None


def test_any_token_of_the_family_names_it(user: Any, database_clock: DatabaseClock) -> None:
    """A replaced or expired token is enough to end its family with; one of another random value is not."""
    old = start_session(user).refresh
    exchange(exchange(old).refresh)
    database_clock.advance(30 * DAY)
    found = family_of_refresh_token(old)
    assert found is not None
    TokenFamily.objects.update(random_value="x" * 22)
    assert family_of_refresh_token(old) is None
    assert family_of_refresh_token("nonsense") is None
    assert judge_refresh_token("nonsense") is None


def test_a_stolen_key_mints_nothing(user: Any) -> None:
    """A token that we signed, with the wrong random value, is foreign and revokes nobody."""
    pair = start_session(user)
    TokenFamily.objects.update(random_value="x" * 22)
    assert outcome_of(pair.refresh) is Outcome.FOREIGN
    assert Revocation.objects.count() == 0


def test_a_token_of_a_family_that_is_gone_is_foreign(user: Any) -> None:
    """Flushed, or never there."""
    pair = start_session(user)
    TokenFamily.objects.update(fid=uuid4())
    assert outcome_of(pair.refresh) is Outcome.FOREIGN
    assert outcome_of(pair.access) is Outcome.FOREIGN
    assert outcome_of("") is Outcome.FOREIGN


# --- time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [-HOUR, HOUR])
def test_the_clock_of_the_process_changes_no_verdict(
    user: Any, database_clock: DatabaseClock, off: timedelta
) -> None:
    """`now` comes with the row: a server whose clock is an hour off judges as all others do."""
    parent = start_session(user).refresh
    with time_machine.travel(datetime.now(UTC) + off, tick=True):
        current = exchange(parent)
        assert outcome_of(parent) is Outcome.REPEATED
        database_clock.advance(11 * SECOND)
        assert outcome_of(parent) is Outcome.RECOVERED
        database_clock.advance(HOUR + SECOND)
        assert outcome_of(parent) is Outcome.REUSED
        assert outcome_of(current.refresh) is Outcome.REVOKED


@pytest.mark.parametrize("off", [-HOUR, HOUR])
def test_the_clock_of_the_process_moves_no_expiry(user: Any, off: timedelta) -> None:
    """The next refresh token ends a lifetime after the database's now."""
    pair = start_session(user)
    with time_machine.travel(datetime.now(UTC) + off, tick=True):
        expires_at = claims_of(exchange(pair.refresh).refresh)["exp"]
    assert abs(datetime.fromtimestamp(expires_at, UTC) - datetime.now(UTC) - DAY) < timedelta(minutes=1)


def test_an_idle_family_ends(user: Any, database_clock: DatabaseClock) -> None:
    """A day without a refresh, and each refresh begins a new day."""
    pair = start_session(user)
    database_clock.advance(23 * HOUR)
    pair = exchange(pair.refresh)
    database_clock.advance(23 * HOUR)
    pair = exchange(pair.refresh)
    database_clock.advance(24 * HOUR)
    assert outcome_of(pair.refresh) is Outcome.EXPIRED
    assert row()["revoked_at"] is None


def test_nothing_outlives_the_session(user: Any, database_clock: DatabaseClock, settings: Any) -> None:
    """Both tokens are cut off at the absolute expiry, however often they are renewed."""
    settings.JOTPASS = {"SESSION_LIFETIME": 2 * HOUR, "ACCESS_TOKEN_LIFETIME": 3 * HOUR}
    pair = start_session(user)
    ends_at = Session.objects.get().expires_at
    for _ in range(3):
        assert claims_of(pair.refresh)["exp"] <= ends_at.timestamp()
        assert claims_of(pair.access)["exp"] <= ends_at.timestamp()
        assert pair.expires_in <= 2 * HOUR.total_seconds()
        database_clock.advance(timedelta(minutes=30))
        pair = exchange(pair.refresh)
    assert Session.objects.get().expires_at == ends_at
    database_clock.advance(timedelta(minutes=31))
    assert outcome_of(pair.refresh) is Outcome.EXPIRED


def test_the_row_remembers_the_latest_access_token(user: Any, settings: Any) -> None:
    """A revocation must last as long as any access token under it, also after lifetimes were shortened."""
    settings.JOTPASS = {"ACCESS_TOKEN_LIFETIME": HOUR}
    pair = start_session(user)
    longest = claims_of(pair.access)["exp"]
    assert row()["access_expires_at"].timestamp() == longest
    settings.JOTPASS = {"ACCESS_TOKEN_LIFETIME": 60}
    pair = exchange(pair.refresh)
    assert claims_of(pair.access)["exp"] < longest
    assert row()["access_expires_at"].timestamp() == longest


# --- the account --------------------------------------------------------------------------------------------


def test_a_deactivation_past_save_is_noticed(user: Any, transactional_db: None, events: list[Event]) -> None:
    """`queryset.update` sends no signal; the next refresh ends the session."""
    pair = start_session(user)
    type(user).objects.update(is_active=False)
    assert rotate_refresh_token(pair.refresh) == rotation.Rotation(Outcome.REVOKED)
    assert events[-1].reason == "account_inactive"
    session = Session.objects.get()
    assert session.revoked_at is not None
    with pytest.raises(errors.TokenRevoked):
        authenticate_access_token(pair.access)


def test_a_password_changed_past_save_is_noticed(user: Any) -> None:
    """The hash at sign-in is compared with the account's at every refresh."""
    pair, other = start_session(user), start_session(user)
    user.set_password("another password altogether")
    type(user).objects.update(password=user.password)
    assert judge_refresh_token(other.refresh) is None
    assert outcome_of(pair.refresh) is Outcome.REVOKED
    assert outcome_of(other.refresh) is Outcome.REVOKED
    assert set(Session.objects.values_list("revoked_reason", flat=True)) == {"password_changed"}


def test_a_refused_account_is_not_answered_within_the_grace(user: Any) -> None:
    """The account is looked at for every answer, not only for those that rotate."""
    parent = start_session(user).refresh
    exchange(parent)
    type(user).objects.update(is_active=False)
    assert rotate_refresh_token(parent) == rotation.Rotation(Outcome.REVOKED)


# --- transactions -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_reuse_inside_a_transaction_is_a_verdict(user: Any, events: list[Event]) -> None:
    """It raises nothing, so that who commits has revoked the family; the events wait for the commit."""
    grandparent = start_session(user).refresh
    current = exchange(exchange(grandparent).refresh)
    events.clear()
    with transaction.atomic():
        assert outcome_of(grandparent) is Outcome.REUSED
        assert not events
    assert [event.name for event in events] == ["revoked", "reuse_detected"]
    assert outcome_of(current.refresh) is Outcome.REVOKED


@pytest.mark.django_db(transaction=True)
def test_a_rotation_that_is_rolled_back_did_not_happen(user: Any, events: list[Event]) -> None:
    """Neither in the row nor as an event; the old token rotates again."""
    pair = start_session(user)
    events.clear()
    with transaction.atomic():
        exchange(pair.refresh)
        transaction.set_rollback(True)
    assert row()["generation"] == 1
    assert not events
    assert outcome_of(pair.refresh) is Outcome.ROTATED


def test_the_new_access_token_is_good(user: Any) -> None:
    """It verifies, names the same session and family, and has a name of its own."""
    pair = start_session(user)
    rotated = exchange(pair.refresh)
    old, new = (
        verify_access_token(token, token_policy(), now=datetime.now(UTC).timestamp())
        for token in (pair.access, rotated.access)
    )
    assert (old.subject, old.session_id, old.family_id) == (new.subject, new.session_id, new.family_id)
    assert old.token_id != new.token_id
    assert old.auth_time == new.auth_time
