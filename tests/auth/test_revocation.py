"""Revoking a token, a family, a session, a person: what is recorded, in which order, and until when."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from jotpass.auth import errors, revocation
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.feed import LOOK_BACK, POLL_INTERVAL, RevocationFeed
from jotpass.auth.flush import flush
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.revocation import (
    feed,
    load_revocations,
    revoke_family,
    revoke_session,
    revoke_token,
    revoke_user,
    revokes_now,
    take_back,
)
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, start_session
from tests.auth.people import claims_of, request_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.events import Event
    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock

HOUR = timedelta(hours=1)
MARGIN = timedelta(seconds=60)
REASON = "because"


def by_token(pair: TokenPair) -> object:
    """Revoke the access token alone."""
    access_token = verify_access_token(pair.access, token_policy(), now=time.time(), ignore_expiry=True)
    return revoke_token(access_token, reason=REASON)


def by_family(pair: TokenPair) -> object:
    """Revoke the family."""
    return revoke_family(UUID(claims_of(pair.access)["fid"]), reason=REASON)


def by_session(pair: TokenPair) -> object:
    """Revoke the session."""
    return revoke_session(UUID(pair.session_id), reason=REASON)


def by_user(pair: TokenPair) -> object:
    """Revoke every session of the person."""
    return revoke_user(Session.objects.get(sid=pair.session_id).user_id, reason=REASON)


def by_deletion(pair: TokenPair) -> object:
    """Delete the session's row."""
    return Session.objects.get(sid=pair.session_id).delete()


KEYS: dict[Callable[[TokenPair], object], str] = {
    by_token: "jti",
    by_family: "fid",
    by_session: "sid",
    by_user: "sid",
    by_deletion: "sid",
}
every_way = pytest.mark.parametrize("revoke", KEYS, ids=lambda revoke: revoke.__name__)


def works(pair: TokenPair) -> bool:
    """Whether the access token is accepted in this process."""
    try:
        authenticate_access_token(pair.access)
    except errors.TokenRevoked:
        return False
    return True


def database_now() -> datetime:
    """The database's time."""
    Revocation.objects.bulk_create([Revocation(key="clock", recorded_at=Now(), until=Now())])
    now: datetime = Revocation.objects.get(key="clock").recorded_at
    Revocation.objects.filter(key="clock").delete()
    return now


@every_way
def test_one_row_names_what_is_revoked(user: Any, revoke: Callable[[TokenPair], object]) -> None:
    """The `jti`, the `fid` or the `sid` of the access token, and nothing else is stored of it."""
    pair = start_session(user)
    assert revoke(pair)
    assert Revocation.objects.get().key == claims_of(pair.access)[KEYS[revoke]]


@every_way
def test_its_tokens_are_refused_and_no_others(user: Any, revoke: Callable[[TokenPair], object]) -> None:
    """In this process at once; a token of another person, and of another session, goes on."""
    pair = start_session(user)
    other = start_session(type(user).objects.create(**{user.USERNAME_FIELD: "ada@example.org"}))
    assert works(pair)
    revoke(pair)
    assert not works(pair)
    assert works(other)
    assert rotate_refresh_token(other.refresh).outcome is Outcome.ROTATED
    outcome = rotate_refresh_token(pair.refresh).outcome
    if revoke is by_token:
        assert outcome is Outcome.ROTATED
    else:
        assert outcome is (Outcome.FOREIGN if revoke is by_deletion else Outcome.REVOKED)


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("revoke", [revoke_family, revoke_session, revoke_user], ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    ("reason", "kept"),
    [("x" * 41, "x" * 40), ("a\0b\ud800c", "a\ufffdb\ufffdc"), ("\N{SNOWMAN}" * 300, "\N{SNOWMAN}" * 40)],
    ids=["long", "NUL", "long and wide"],
)
def test_a_revocation_does_not_fail_over_its_reason(
    user: Any, events: list[Event], revoke: Callable[..., object], reason: str, kept: str
) -> None:
    """The row has as much of it as the column can hold, the event the whole."""
    pair = start_session(user)
    claims = claims_of(pair.access)
    revoked = {revoke_family: UUID(claims["fid"]), revoke_session: UUID(claims["sid"]), revoke_user: user}
    assert revoke(revoked[revoke], reason=reason)
    assert not works(pair)
    assert TokenFamily.objects.get().revoked_reason == kept
    if revoke is not revoke_family:
        assert Session.objects.get().revoked_reason == kept
    assert [event.reason for event in events if event.name == "revoked"] == [reason]


def test_revoking_a_token_leaves_its_siblings(user: Any) -> None:
    """The next access token of the same family is good."""
    pair = start_session(user)
    by_token(pair)
    rotated = rotate_refresh_token(pair.refresh).pair
    assert rotated is not None
    assert works(rotated)
    assert not works(pair)


def test_every_session_of_a_person_is_revoked(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row for each live session, however many; by the person or the primary key; except one to keep."""
    monkeypatch.setattr(revocation, "_CHUNK", 2)
    pairs = [start_session(user) for _ in range(7)]
    Session.objects.filter(sid=pairs[5].session_id).update(expires_at=Now())
    revoke_session(UUID(pairs[6].session_id), reason=REASON)
    kept = pairs[0]
    assert revoke_user(user.pk, reason=REASON, keep=UUID(kept.session_id)) == 4
    assert [works(pair) for pair in pairs[:5]] == [True, False, False, False, False]
    assert revoke_user(user, reason=REASON) == 1
    assert not works(kept)
    assert Revocation.objects.count() == 6


@every_way
def test_the_second_time_changes_nothing(
    user: Any, transactional_db: None, events: list[Event], revoke: Callable[[TokenPair], object]
) -> None:
    """It says so, records nothing, and tells nobody."""
    if revoke is by_deletion:
        revoke = by_session
    pair = start_session(user)
    assert revoke(pair)
    events.clear()
    assert not revoke(pair)
    assert Revocation.objects.count() == 1
    assert not events


def test_what_is_unknown_cannot_be_revoked(user: Any) -> None:
    """No row is written for it."""
    assert not revoke_family(uuid4(), reason=REASON)
    assert not revoke_session(uuid4(), reason=REASON)
    assert not revoke_user(user, reason=REASON)
    assert not end_session("nonsense")
    assert not end_session(str(uuid4()))
    assert not Revocation.objects.exists()


# --- how long -----------------------------------------------------------------------------------------------


@every_way
@pytest.mark.parametrize("ahead", [(-HOUR, HOUR), (timedelta(0), timedelta(0)), (HOUR, -HOUR)])
def test_a_record_outlives_the_last_access_token(
    user: Any,
    settings: Any,
    database_clock: DatabaseClock,
    revoke: Callable[[TokenPair], object],
    ahead: tuple[timedelta, timedelta],
) -> None:
    """By the database's clock, whatever it and the process's show: what is left, leeway and a minute more.

    Where the process's clock is ahead it may be set right, and the token be alive again at its own time.
    """
    process_ahead, database_ahead = ahead
    settings.JOTPASS = {"LEEWAY": 5, "ACCESS_TOKEN_LIFETIME": 300}
    with time_machine.travel(datetime.now(UTC) + process_ahead, tick=True):
        pair = start_session(user)
        database_clock.shift(database_ahead)
        left = claims_of(pair.access)["exp"] - time.time()
        revoke(pair)
    record = Revocation.objects.get(key=claims_of(pair.access)[KEYS[revoke]])
    now = database_now()
    assert timedelta(0) <= now - record.recorded_at < timedelta(seconds=30)
    kept = record.until - record.recorded_at
    until_then = max(timedelta(0), process_ahead - database_ahead)
    assert timedelta(seconds=left + 5 - 1) + MARGIN + until_then <= kept
    assert kept <= timedelta(seconds=300 + 5 + 1) + MARGIN + until_then


@pytest.mark.parametrize("revoke", [by_token, by_family, by_session, by_user, by_deletion])
def test_a_record_outlives_tokens_of_longer_lifetimes(
    user: Any, settings: Any, revoke: Callable[[TokenPair], object]
) -> None:
    """A lifetime that was shortened since does not shorten the record."""
    settings.JOTPASS = {"ACCESS_TOKEN_LIFETIME": HOUR}
    pair = start_session(user)
    settings.JOTPASS = {"ACCESS_TOKEN_LIFETIME": 60}
    assert rotate_refresh_token(pair.refresh).pair is not None
    revoke(pair)
    record = Revocation.objects.get()
    assert record.until.timestamp() >= claims_of(pair.access)["exp"] + 60 - 1


def test_a_record_leaves_time_for_a_refresh_that_wins(user: Any, settings: Any) -> None:
    """A session whose last access token has long ended is still recorded for a whole lifetime."""
    settings.JOTPASS = {"ACCESS_TOKEN_LIFETIME": 300}
    pair = start_session(user)
    TokenFamily.objects.update(access_expires_at=datetime(2001, 1, 1, tzinfo=UTC))
    by_session(pair)
    record = Revocation.objects.get()
    assert record.until - record.recorded_at >= timedelta(seconds=300) + MARGIN


# --- transactions -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@every_way
def test_the_record_is_written_first_and_in_the_same_transaction(
    user: Any, revoke: Callable[[TokenPair], object]
) -> None:
    """Never is anything revoked that the feed cannot find."""
    pair = start_session(user)
    with CaptureQueriesContext(connection) as captured:
        revoke(pair)
    said = [query["sql"] for query in captured.captured_queries]
    begun = next(position for position, sql in enumerate(said) if sql.startswith("BEGIN"))
    assert not any(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in said[:begun])
    writes = [sql for sql in said if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writes[0].startswith('INSERT INTO "jotpass_revocation"')
    assert [sql for sql in said if sql.startswith("COMMIT")] == said[-1:]
    assert len([sql for sql in said if sql.startswith("BEGIN")]) == 1


@pytest.mark.django_db(transaction=True)
@every_way
def test_a_rollback_revokes_nothing_and_tells_nobody(
    user: Any, events: list[Event], revoke: Callable[[TokenPair], object]
) -> None:
    """Neither rows nor events nor this process's memory keep anything of it."""
    pair = start_session(user)
    events.clear()
    with transaction.atomic():
        revoke(pair)
        transaction.set_rollback(True)
    assert not events
    assert not Revocation.objects.exists()
    assert works(pair)
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.ROTATED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("revoke", [by_token, by_family, by_session, by_user])
def test_events_and_memory_wait_for_the_commit(
    user: Any, events: list[Event], revoke: Callable[[TokenPair], object]
) -> None:
    """Nobody is told of what may not happen yet."""
    pair = start_session(user)
    assert works(pair)
    events.clear()
    with transaction.atomic():
        revoke(pair)
        assert not events
        assert not revocation.feed._added
    assert [(event.name, event.reason) for event in events] == [("revoked", REASON)]
    assert events[0].user_id == str(user.pk)
    assert events[0].session_id == pair.session_id
    assert not works(pair)


@pytest.mark.django_db(transaction=True)
def test_signing_out_is_an_event_of_its_own(user: Any, events: list[Event]) -> None:
    """Beside the revocation, with the device that asked and the device that signed in."""
    pair = start_session(user, request_from("192.0.2.1", "Owner/1"))
    events.clear()
    assert end_session(pair.session_id, request_from("203.0.113.9", "Other/2"))
    assert [event.name for event in events] == ["revoked", "signed_out"]
    for event in events:
        assert event.user_id == str(user.pk)
        assert event.session_id == pair.session_id
        assert event.device.address == "203.0.113.9"
        assert event.previous_device.address == "192.0.2.1"


# --- taking back --------------------------------------------------------------------------------------------


def test_a_revocation_can_be_taken_back(user: Any) -> None:
    """By its reason alone; then its tokens work again, and a later revocation counts again."""
    pair = start_session(user)
    by_session(pair)
    assert not works(pair)
    assert not take_back(UUID(pair.session_id), reason="another reason")
    assert not works(pair)
    assert take_back(UUID(pair.session_id), reason=REASON)
    assert works(pair)
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.ROTATED
    assert by_session(pair)
    assert not works(pair)


def test_there_may_be_nothing_to_take_back(user: Any) -> None:
    """A live session, or one that does not exist."""
    pair = start_session(user)
    assert not take_back(UUID(pair.session_id), reason=REASON)
    assert not take_back(UUID(pair.session_id), reason="")
    assert not take_back(uuid4(), reason=REASON)
    assert not Revocation.objects.exists()


def test_a_family_revoked_for_another_reason_stays_revoked(user: Any) -> None:
    """Reuse under the session is not forgiven with it."""
    pair = start_session(user)
    by_family(pair)
    revoke_session(UUID(pair.session_id), reason="password_changed")
    assert take_back(UUID(pair.session_id), reason="password_changed")
    assert not works(pair)
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.REVOKED


@pytest.mark.django_db(transaction=True)
def test_a_taking_back_that_is_rolled_back_did_not_happen(user: Any) -> None:
    """Still revoked, here and everywhere."""
    pair = start_session(user)
    by_session(pair)
    with transaction.atomic():
        take_back(UUID(pair.session_id), reason=REASON)
        transaction.set_rollback(True)
    assert not works(pair)


# --- another process ----------------------------------------------------------------------------------------


class Elsewhere:
    """The feed of another process, which hears of nothing but the table."""

    def __init__(self) -> None:
        self.now = 0.0
        self.wall = 0.0
        self.feed = RevocationFeed(
            load_revocations, lambda: self.now, lambda: self.wall + self.now, revokes_now
        )

    def knows(self, key: str, *, after: float = POLL_INTERVAL) -> bool:
        """Whether it knows of a revocation after so many seconds."""
        self.now += after
        return self.feed.is_revoked(key, max_staleness=30)


@every_way
def test_another_process_knows_after_a_poll(user: Any, revoke: Callable[[TokenPair], object]) -> None:
    """Within a second, through the table alone."""
    elsewhere = Elsewhere()
    pair = start_session(user)
    key = claims_of(pair.access)[KEYS[revoke]]
    assert not elsewhere.knows(key)
    revoke(pair)
    assert not elsewhere.knows(key, after=0)
    assert elsewhere.knows(key)
    assert Elsewhere().knows(key)


def test_another_process_hears_of_a_taking_back(user: Any) -> None:
    """The row that tells it is appended; a process that starts later finds nothing."""
    elsewhere = Elsewhere()
    pair = start_session(user)
    by_session(pair)
    assert elsewhere.knows(pair.session_id)
    take_back(UUID(pair.session_id), reason=REASON)
    assert not elsewhere.knows(pair.session_id)
    assert not Elsewhere().knows(pair.session_id)
    by_session(pair)
    assert elsewhere.knows(pair.session_id)


@pytest.mark.parametrize(
    ("late", "after"), [(LOOK_BACK - 2, POLL_INTERVAL), (10 * LOOK_BACK, LOOK_BACK)], ids=["poll", "all"]
)
def test_a_late_commit_is_found(db: None, late: float, after: float) -> None:
    """A row that appears with an old date: by the look back, and at the latest when all is read again."""
    elsewhere = Elsewhere()
    assert not elsewhere.knows("late")
    Revocation.objects.bulk_create(
        [Revocation(key="late", recorded_at=Now() - timedelta(seconds=late), until=Now() + HOUR)]
    )
    assert elsewhere.knows("late", after=after)


def test_a_clock_set_forward_forgets_nothing(user: Any, database_clock: DatabaseClock) -> None:
    """The database's clock jumps before a poll or a full load: tokens live by that of the process."""
    elsewhere = Elsewhere()
    pair = start_session(user)
    assert not elsewhere.knows(pair.session_id)
    by_session(pair)
    database_clock.advance(HOUR)
    assert elsewhere.knows(pair.session_id)
    assert elsewhere.knows(pair.session_id, after=LOOK_BACK)
    assert Elsewhere().knows(pair.session_id)


def test_a_clock_set_back_revokes_nothing_again(user: Any, database_clock: DatabaseClock) -> None:
    """What was taken back stays so, whatever the clocks are set to."""
    pair = start_session(user)
    by_session(pair)
    take_back(UUID(pair.session_id), reason=REASON)
    for by in (-HOUR, HOUR):
        with time_machine.travel(datetime.now(UTC) + by, tick=True):
            assert not Elsewhere().knows(pair.session_id)
        database_clock.shift(by)
        assert not Elsewhere().knows(pair.session_id)


@pytest.mark.parametrize("process", [-HOUR, timedelta(0), HOUR], ids=["process-", "process", "process+"])
@pytest.mark.parametrize("database", [-HOUR, timedelta(0), HOUR], ids=["database-", "database", "database+"])
@pytest.mark.parametrize("issuer", [-HOUR, timedelta(0), HOUR], ids=["issuer-", "issuer", "issuer+"])
def test_no_clock_that_is_set_brings_a_revoked_token_back(
    user: Any, database_clock: DatabaseClock, issuer: timedelta, database: timedelta, process: timedelta
) -> None:
    """Issued by any clock, revoked; then both clocks jump, and time passes: who accepts it, knows of it."""
    start = datetime.now(UTC)
    with time_machine.travel(start + issuer, tick=True):
        pair = start_session(user)
    by_session(pair)
    database_clock.shift(database)
    accepted = 0
    for minutes in range(0, 130, 2):
        passed = timedelta(minutes=minutes)
        database_clock.shift(database + passed)
        if minutes % 20 == 0:
            list(flush())
        with time_machine.travel(start + process + passed, tick=True):
            try:
                verify_access_token(pair.access, token_policy(), now=time.time())
            except errors.CredentialError:
                continue
            accepted += 1
            assert Elsewhere().knows(pair.session_id), passed
    assert accepted or process > issuer


@pytest.mark.parametrize("step", [-HOUR, HOUR], ids=["back", "forward"])
def test_a_database_clock_that_is_set_hides_nothing(
    user: Any, database_clock: DatabaseClock, step: timedelta
) -> None:
    """What was recorded before the step is read by the next poll after it, and so is what comes then."""
    elsewhere = Elsewhere()
    pairs = [start_session(user) for _ in range(2)]
    assert not elsewhere.knows("x")
    by_session(pairs[0])
    database_clock.shift(step)
    assert elsewhere.knows(pairs[0].session_id)
    by_session(pairs[1])
    assert elsewhere.knows(pairs[1].session_id)
    assert elsewhere.knows(pairs[0].session_id)


def test_a_process_clock_that_is_set_back_reads_everything(user: Any, database_clock: DatabaseClock) -> None:
    """What had ended by the former clock, and was left out, is in force again."""
    pair = start_session(user)
    by_session(pair)
    elsewhere = Elsewhere()
    database_clock.shift(HOUR)
    with time_machine.travel(datetime.now(UTC) + HOUR, tick=True):
        elsewhere.wall = time.time()
        assert not elsewhere.knows(pair.session_id)
    elsewhere.wall = time.time()
    assert elsewhere.knows(pair.session_id)


@pytest.mark.parametrize("way", ["django", "database"])
@pytest.mark.django_db(transaction=True)
def test_inside_a_failed_transaction_the_last_reading_decides(
    user: Any, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    """The connection cannot read there; that is nobody's failure, and the next request reads at once."""
    pair = start_session(user)
    assert works(pair)
    other = Elsewhere()
    with transaction.atomic():
        if way == "django":
            transaction.set_rollback(True)
        else:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT nonsense")
        feed.hurry()
        assert works(pair)
        if way == "django" or connection.vendor == "postgresql":
            with pytest.raises(errors.FeedStale):
                other.knows(pair.session_id)
        transaction.set_rollback(True)
    assert not caplog.records
    assert not other.knows(pair.session_id, after=0)
    by_session(pair)
    assert not works(pair)


@pytest.mark.django_db(transaction=True)
def test_a_reading_of_what_is_rolled_back_lasts_for_no_more_than_a_poll(user: Any) -> None:
    """A transaction reads its own revocation into what the process knows; a later poll takes it out again."""
    pair = start_session(user)
    process = Elsewhere()
    assert not process.knows(pair.session_id)
    with transaction.atomic():
        by_session(pair)
        assert process.knows(pair.session_id)
        transaction.set_rollback(True)
    assert not process.knows(pair.session_id)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_revokes_nothing_reads_no_more_than_others(user: Any) -> None:
    """With ATOMIC_REQUESTS every reading is inside one."""
    with CaptureQueriesContext(connection) as queries:
        process = Elsewhere()
        for _ in range(3):
            with transaction.atomic():
                process.knows("a")
    everything = [query for query in queries if '"until" >' in query["sql"].partition(" WHERE ")[2]]
    assert len(everything) == 1


def test_an_ended_record_is_not_loaded(db: None) -> None:
    """No access token under it can be alive."""
    Revocation.objects.bulk_create([Revocation(key="ended", recorded_at=Now() - HOUR, until=Now())])
    assert not Elsewhere().knows("ended")


def test_the_table_is_read_by_index(db: None) -> None:
    """A poll is one statement over `recorded_at`, which is indexed; a full load is one over `until`."""
    for look_back, column in ((LOOK_BACK, "recorded_at"), (None, "until")):
        with CaptureQueriesContext(connection) as captured:
            list(load_revocations(look_back))
        (query,) = captured.captured_queries
        assert f'WHERE "jotpass_revocation"."{column}"' in query["sql"]
        field: Any = Revocation._meta.get_field(column)
        assert field.db_index
