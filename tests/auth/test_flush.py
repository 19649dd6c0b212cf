"""Flushing: what can never matter again goes, in batches, and nothing else."""

from __future__ import annotations

import contextlib
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models.functions import Now

from jotpass.auth.flush import CLOCKS_DIFFER, count_flushable, ended_revocations, ended_sessions, flush
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.revocation import revoke_session, take_back
from jotpass.auth.sessions import end_session, start_session
from tests.auth.statements import statements
from tests.auth.together import SECONDS, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.auth.database_clock import DatabaseClock

DAY = timedelta(days=1)


def end_all(by: timedelta) -> None:
    """Let every session have ended so long ago."""
    Session.objects.update(expires_at=Now() - by)


def test_ended_sessions_go_with_their_families(user: Any) -> None:
    """Whole batches and the rest of one; nothing is recorded as revoked, for nothing is alive."""
    for _ in range(5):
        start_session(user)
    end_all(DAY)
    live = start_session(user)
    assert count_flushable().sessions == 5
    assert list(flush(batch=2)) == [2, 2, 1]
    assert str(Session.objects.get().sid) == live.session_id
    assert str(TokenFamily.objects.get().session_id) == live.session_id
    assert not Revocation.objects.exists()
    assert count_flushable().total == 0
    assert list(flush()) == []


def test_a_session_that_was_revoked_stays_until_its_end(user: Any) -> None:
    """Its row says why; and a strict check must go on finding it revoked."""
    pair = start_session(user)
    end_session(pair.session_id)
    assert list(flush()) == []
    assert Session.objects.exists()


@pytest.mark.parametrize(("ago", "goes"), [(59, False), (61, True)])
def test_a_session_stays_a_minute_after_its_end(user: Any, ago: int, goes: bool) -> None:
    """By the database's clock."""
    start_session(user)
    end_all(timedelta(seconds=ago))
    list(flush())
    assert Session.objects.exists() is not goes


@contextlib.contextmanager
def later(database_clock: DatabaseClock, seconds: float) -> Iterator[None]:
    """So many seconds later, by the database and by this process."""
    by = timedelta(seconds=seconds)
    database_clock.advance(by)
    with time_machine.travel(datetime.now(UTC) + by, tick=True):
        yield


def test_ended_revocations_go(user: Any, database_clock: DatabaseClock) -> None:
    """When no access token under them can be alive, on the slowest clock: a day later."""
    pair = start_session(user)
    end_session(pair.session_id)
    day = CLOCKS_DIFFER.total_seconds()
    with later(database_clock, day + 359):
        assert count_flushable().revocations == 0
    with later(database_clock, 3 + 2):
        assert count_flushable().revocations == 0, "by this process, not much time has passed"
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=day + 362), tick=True):
        assert count_flushable().revocations == 1
        assert list(flush()) == [1]
    assert not Revocation.objects.exists()


def test_a_clock_that_jumps_ahead_flushes_no_revocation(user: Any, database_clock: DatabaseClock) -> None:
    """Tokens are alive by the other clock: neither of them alone says that a revocation has ended."""
    end_session(start_session(user).session_id)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
        assert list(flush()) == []
    database_clock.advance(timedelta(hours=1))
    assert list(flush()) == []
    assert Revocation.objects.exists()


def test_a_taking_back_stays_until_everybody_has_read_it(user: Any, database_clock: DatabaseClock) -> None:
    """It has ended when it is written; a process that holds the revocation must still hear of it."""
    pair = start_session(user)
    revoke_session(UUID(pair.session_id), reason="x")
    take_back(UUID(pair.session_id), reason="x")
    assert list(flush()) == []
    with later(database_clock, 61):
        assert list(flush()) == [1]


def test_an_interrupted_run_has_lost_nothing(user: Any) -> None:
    """What was deleted is deleted, the rest goes the next time."""
    for _ in range(4):
        start_session(user)
    end_all(DAY)
    assert next(flush(batch=3)) == 3
    assert Session.objects.count() == TokenFamily.objects.count() == 1
    assert list(flush()) == [1]


def test_a_batch_is_a_few_statements_however_large(user: Any) -> None:
    """One to find it, and one for each table."""
    for _ in range(10):
        start_session(user)
    end_all(DAY)
    with statements() as said:
        next(flush())
    assert [statement.split()[0] for statement in said] == ["SELECT", "DELETE", "DELETE"]


def test_sessions_that_end_at_the_same_moment_all_go(user: Any) -> None:
    """A batch may end between two of them."""
    for _ in range(5):
        start_session(user)
    moment = Session.objects.order_by("expires_at")[0].expires_at - 30 * DAY
    Session.objects.update(expires_at=moment)
    assert list(flush(batch=2)) == [2, 2, 1]
    assert not Session.objects.exists()


def test_what_is_locked_is_left_for_the_next_run(transactional_db: None, user: Any) -> None:
    """In a database that locks rows, nobody is waited for; in the others there is one writer."""
    for _ in range(4):
        start_session(user)
    end_all(DAY)
    locked, flushed = threading.Event(), threading.Event()

    def hold() -> int:
        with transaction.atomic():
            held = list(Session.objects.select_for_update().order_by("pk")[:1])
            locked.set()
            if connection.features.has_select_for_update:
                assert flushed.wait(SECONDS)
        return len(held) * connection.features.has_select_for_update

    def run() -> int:
        assert locked.wait(SECONDS)
        done = sum(flush(batch=2))
        flushed.set()
        return done

    held, done = together(hold, run)
    assert done == 4 - held
    assert sum(flush()) == held
    assert not TokenFamily.objects.exists()


def test_two_runs_share_the_work(transactional_db: None, user: Any) -> None:
    """Every session goes once."""
    for _ in range(20):
        start_session(user)
    end_all(DAY)
    assert sum(together(*[lambda: sum(flush(batch=3))] * 2)) == 20
    assert not Session.objects.exists()
    assert not TokenFamily.objects.exists()


@pytest.mark.parametrize("rows", [ended_sessions, ended_revocations])
def test_what_has_ended_is_found_along_an_index(db: None, rows: Any) -> None:
    """In its order, from where the last batch ended; nothing is sorted, no table is read whole."""
    moment = rows().query.order_by[0]
    plan = plan_of(rows().filter(**{f"{moment}__gte": Now() - DAY}).values_list("pk", moment)[:100])
    assert re.search(rf"index (?:scan using )?jotpass_\w+_{moment}_\w+", plan, re.IGNORECASE), plan
    assert not re.search(r"sort|scan jotpass|seq scan", plan, re.IGNORECASE), plan


@pytest.mark.parametrize(
    ("rows", "column"),
    [(TokenFamily.objects.filter(session_id__in=[UUID(int=1), UUID(int=2)]), "session_id")],
)
def test_the_families_of_a_batch_are_found_along_an_index(db: None, rows: Any, column: str) -> None:
    """Not by a look at every family."""
    plan = plan_of(rows)
    assert re.search(rf"index (?:scan using )?jotpass_tokenfamily_{column}_\w+", plan, re.IGNORECASE), plan


def plan_of(rows: Any) -> str:
    """How the database would find these rows, if the table were large."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for way in ("seqscan", "bitmapscan", "sort"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")
        plan: str = rows.explain()
    return plan
