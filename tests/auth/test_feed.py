"""What a process knows of revocations: when it reads, and what it does when it cannot.

With a clock and a loader of the test's own; no database.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import InterfaceError, OperationalError

from jotpass.auth import errors
from jotpass.auth.feed import LOOK_BACK, NUDGE_INTERVAL, PATIENCE, POLL_INTERVAL, RevocationFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

STALE = 30.0


class Table:
    """Revocations with the time at which they were recorded, and a clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.rows: list[tuple[float, str, bool]] = []
        self.reads: list[float | None] = []
        self.failure: Exception | None = None
        self.during: Callable[[], object] = lambda: None

    def clock(self) -> float:
        """The present."""
        return self.now

    def record(self, key: str, *, at: float | None = None, revoked: bool = True) -> None:
        """Append a row."""
        self.rows.append((self.now if at is None else at, key, revoked))

    def load(self, look_back: float | None) -> Iterable[tuple[str, bool]]:
        """Read as the database would: a snapshot, then whatever happens before the reader has it."""
        self.reads.append(look_back)
        if self.failure is not None:
            raise self.failure
        since = float("-inf") if look_back is None else self.now - look_back
        snapshot = [(key, revoked) for at, key, revoked in self.rows if at >= since]
        self.during()
        return snapshot


@pytest.fixture
def table() -> Table:
    """An empty table."""
    return Table()


@pytest.fixture
def feed(table: Table) -> RevocationFeed:
    """A feed of that table, unread."""
    return RevocationFeed(table.load, table.clock, table.clock)


def revoked(feed: RevocationFeed, *keys: str, fail_open: bool = False) -> bool:
    """Ask the feed."""
    return feed.is_revoked(*keys, max_staleness=STALE, fail_open=fail_open)


def test_the_first_question_reads_everything(feed: RevocationFeed, table: Table) -> None:
    """Nothing is judged before the first full load."""
    table.record("old", at=0.0)
    assert feed.age is None
    assert revoked(feed, "old")
    assert table.reads == [None]
    assert feed.age == 0


@pytest.mark.parametrize("fail_open", [False, True])
def test_nothing_is_accepted_before_the_first_load(
    feed: RevocationFeed, table: Table, fail_open: bool
) -> None:
    """A process that has never read anything knows nothing, also when it is told to fail open."""
    table.failure = OperationalError()
    for _ in range(3):
        with pytest.raises(errors.FeedStale):
            revoked(feed, "a", fail_open=fail_open)
    table.failure = None
    table.now += POLL_INTERVAL
    assert not revoked(feed, "a", fail_open=fail_open)


def test_any_of_the_keys_counts(feed: RevocationFeed, table: Table) -> None:
    """Session, family or token."""
    table.record("fid")
    assert revoked(feed, "sid", "fid", "jti")
    assert not revoked(feed, "sid", "jti")


def test_it_reads_once_in_an_interval(feed: RevocationFeed, table: Table) -> None:
    """Requests within a second are answered from memory; the first one after it reads first."""
    assert not revoked(feed, "a")
    table.record("a")
    table.now += POLL_INTERVAL * 0.99
    assert not revoked(feed, "a")
    assert len(table.reads) == 1
    table.now += POLL_INTERVAL * 0.01
    assert revoked(feed, "a")
    assert table.reads == [None, LOOK_BACK]


def test_a_long_silence_costs_nobody_anything(feed: RevocationFeed, table: Table) -> None:
    """The first request after an hour reads before it is judged."""
    revoked(feed, "a")
    table.now += 3600
    table.record("a", at=table.now - 1800)
    assert revoked(feed, "a")


def test_each_poll_looks_back(feed: RevocationFeed, table: Table) -> None:
    """A row recorded 29 seconds ago, whose transaction committed only now, is not missed."""
    revoked(feed, "a")
    table.now += POLL_INTERVAL
    revoked(feed, "a")
    table.now += LOOK_BACK - 2
    table.record("a", at=table.now - LOOK_BACK + 1)
    assert revoked(feed, "a")
    assert table.reads[-1] == LOOK_BACK


def test_everything_is_read_again(feed: RevocationFeed, table: Table) -> None:
    """Every half minute: a row that no look back reached is found, one that ended is forgotten."""
    table.record("ended")
    revoked(feed, "a")
    assert revoked(feed, "ended")
    for _ in range(int(LOOK_BACK)):
        table.now += POLL_INTERVAL
        revoked(feed, "a")
    table.rows.clear()
    table.record("late", at=table.now - 10 * LOOK_BACK)
    table.now += POLL_INTERVAL
    reads = len(table.reads)
    for _ in range(int(LOOK_BACK)):
        revoked(feed, "a")
        table.now += POLL_INTERVAL
    assert None in table.reads[reads:]
    assert revoked(feed, "late")
    assert not revoked(feed, "ended")


def test_a_later_row_overrides(feed: RevocationFeed, table: Table) -> None:
    """A revocation that was taken back is forgotten, and one that came after that counts."""
    table.record("a")
    assert revoked(feed, "a")
    table.record("a", revoked=False)
    table.now += POLL_INTERVAL
    assert not revoked(feed, "a")
    table.record("a")
    table.now += POLL_INTERVAL
    assert revoked(feed, "a")


# --- what this process does itself --------------------------------------------------------------------------


def test_what_this_process_commits_counts_at_once(feed: RevocationFeed) -> None:
    """Without waiting for a poll, both ways."""
    assert not revoked(feed, "a", "b")
    feed.add(["a", "b"])
    assert revoked(feed, "a")
    assert revoked(feed, "b")
    feed.add(["a"], revoked=False)
    assert not revoked(feed, "a")


@pytest.mark.parametrize("elapsed", [0.0, POLL_INTERVAL, LOOK_BACK], ids=["first", "poll", "all"])
@pytest.mark.parametrize("live", [True, False])
def test_an_addition_during_a_read_is_not_lost(
    feed: RevocationFeed, table: Table, elapsed: float, live: bool
) -> None:
    """What was committed after the snapshot is newer than the snapshot, in a poll and in a full load."""
    if elapsed:
        revoked(feed, "x")
    table.record("a", revoked=not live)
    table.now += elapsed
    table.during = lambda: feed.add(["a"], revoked=live)
    assert revoked(feed, "a") is live
    assert table.reads[-1] == (LOOK_BACK if elapsed == POLL_INTERVAL else None)


def test_no_request_sees_half_a_read(feed: RevocationFeed, table: Table) -> None:
    """While a poll is taking in a revocation and its taking back, others judge by the old state."""
    revoked(feed, "a")
    seen: list[bool] = []

    def load(look_back: float | None) -> Iterable[tuple[str, bool]]:
        yield "a", True
        seen.append("a" in feed._revoked)
        yield "a", False

    feed._load = load
    table.now += POLL_INTERVAL
    assert not revoked(feed, "a")
    assert seen == [False]


def test_hurry_makes_the_next_request_poll(feed: RevocationFeed, table: Table) -> None:
    """Within the interval too."""
    revoked(feed, "a")
    table.record("a")
    assert not revoked(feed, "a")
    feed.hurry()
    assert revoked(feed, "a")


# --- a database that is gone --------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_a_feed_that_cannot_be_read_is_believed_for_a_while(
    feed: RevocationFeed, table: Table, failure: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """Up to the limit what is known counts; beyond it nobody can tell, unless told to fail open."""
    table.record("a")
    assert revoked(feed, "a")
    table.failure = failure("the database is gone")
    while table.now - 1000.0 < STALE:
        table.now += POLL_INTERVAL
        assert revoked(feed, "a")
        assert not revoked(feed, "b")
    table.now += POLL_INTERVAL
    for _ in range(3):
        with pytest.raises(errors.FeedStale):
            revoked(feed, "b")
        assert not revoked(feed, "b", fail_open=True)
        assert revoked(feed, "a", fail_open=True)
        table.now += POLL_INTERVAL / 4
    table.failure = None
    table.now += POLL_INTERVAL
    assert not revoked(feed, "b")
    assert caplog.messages


def test_a_failing_database_is_asked_once_in_an_interval(feed: RevocationFeed, table: Table) -> None:
    """Counted from the end of the failure, which may have taken long: the waiting do not repeat it."""

    def fail_slowly(look_back: float | None) -> Iterable[tuple[str, bool]]:
        table.reads.append(look_back)
        table.now += 5
        raise OperationalError

    revoked(feed, "a")
    feed._load = fail_slowly
    table.now += POLL_INTERVAL
    for _ in range(10):
        assert not revoked(feed, "a")
    assert len(table.reads) == 2


def test_a_mistake_in_the_program_is_not_hidden(feed: RevocationFeed, table: Table) -> None:
    """Only a database may fail quietly."""
    table.failure = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        revoked(feed, "a")


def test_a_load_that_fails_half_way_changes_nothing(feed: RevocationFeed, table: Table) -> None:
    """The next answer is still the one from before."""
    table.record("a")
    revoked(feed, "a")

    def load(look_back: float | None) -> Iterable[tuple[str, bool]]:
        yield "b", True
        raise OperationalError

    feed._load = load
    table.now += LOOK_BACK
    assert revoked(feed, "a")
    assert not revoked(feed, "b")


# --- threads and forks --------------------------------------------------------------------------------------


def test_those_who_waited_for_a_slow_read_do_not_repeat_it(table: Table) -> None:
    """However long the database took: what was read after a request arrived is good enough for it."""
    threads = 8
    table.record("a")
    arrived: set[int] = set()
    all_here = threading.Event()

    def clock() -> float:
        arrived.add(threading.get_ident())
        if len(arrived) == threads:
            all_here.set()
        return table.now

    def slowly() -> None:
        assert all_here.wait(30)
        table.now += 2 * POLL_INTERVAL

    feed = RevocationFeed(table.load, clock, table.clock)
    arrived.clear()
    table.during = slowly
    together = threading.Barrier(threads)

    def ask(_: int) -> bool:
        together.wait()
        return revoked(feed, "a")

    with ThreadPoolExecutor(threads) as pool:
        assert all(pool.map(ask, range(threads)))
    assert table.reads == [None]


def test_a_read_that_hangs_does_not_hold_up_who_has_a_feed(
    feed: RevocationFeed, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while the last reading decides, as it does while the database is gone."""
    monkeypatch.setattr("jotpass.auth.feed.PATIENCE", 0.01)
    table.record("a")
    assert revoked(feed, "a")
    hanging, let_go = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        let_go.wait(30)

    table.during = hang
    table.now += POLL_INTERVAL
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(revoked, feed, "a")
        assert hanging.wait(30)
        assert revoked(feed, "a")
        assert not revoked(feed, "b")
        assert not reading.done()
        let_go.set()
        assert reading.result()


def test_a_read_that_hangs_is_waited_for_once(feed: RevocationFeed, table: Table) -> None:
    """The patience counts from when the reading began: who comes when it is used up does not wait at all."""
    assert not revoked(feed, "a")
    hanging, let_go = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        let_go.wait(30)

    table.during = hang
    table.now += POLL_INTERVAL
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(revoked, feed, "a")
        assert hanging.wait(30)
        assert 0 < feed._lock.left_of(PATIENCE) <= PATIENCE
        table.now += PATIENCE / 4
        assert feed._lock.left_of(PATIENCE) == pytest.approx(PATIENCE * 3 / 4)
        table.now += PATIENCE
        assert feed._lock.left_of(PATIENCE) == 0
        assert not revoked(feed, "b")
        assert not reading.done()
        let_go.set()
        assert not reading.result()
    assert feed._lock.left_of(PATIENCE) == PATIENCE


def test_what_is_read_in_doubt_is_read_again(table: Table) -> None:
    """It may yet be undone: after the next reading it counts only if it is still there."""
    doubts = iter([False, True, False, False])
    feed = RevocationFeed(table.load, table.clock, table.clock, lambda: next(doubts))
    assert not revoked(feed, "a")
    table.now += POLL_INTERVAL
    table.record("a")
    assert revoked(feed, "a")
    table.rows.clear()
    for _ in range(2):
        table.now += POLL_INTERVAL
        assert not revoked(feed, "a")
    assert table.reads == [None, LOOK_BACK, None, LOOK_BACK]


class Snapshots(Table):
    """The same, read now and then by a transaction that sees the table as it was when it began."""

    began: float | None = None
    unknown = False

    def age(self) -> float:
        """How old what is read next may be, as the database tells."""
        if self.began is None:
            return 0.0
        return float("inf") if self.unknown else self.now - self.began

    def load(self, look_back: float | None) -> Iterable[tuple[str, bool]]:
        """Read as of the transaction's beginning."""
        self.reads.append(look_back)
        since = float("-inf") if look_back is None else self.now - look_back
        until = self.now if self.began is None else self.began
        return [(key, revoked) for at, key, revoked in self.rows if since <= at <= until]


@pytest.mark.parametrize("unknown", [False, True], ids=["age known", "age unknown"])
@pytest.mark.parametrize("seconds", [0.5, 1, 5, 29, 31, 61, 95])
def test_an_old_snapshot_takes_nothing_away(unknown: bool, seconds: float) -> None:
    """Whatever a long transaction reads, and when: what was revoked since it began stays revoked."""
    table = Snapshots()
    feed = RevocationFeed(table.load, table.clock, table.clock, snapshot_age=table.age)
    assert not revoked(feed, "a")
    began = table.now
    table.now += POLL_INTERVAL
    table.record("a")
    assert revoked(feed, "a")
    table.now += seconds
    table.unknown, table.began = unknown, began
    assert revoked(feed, "a"), "judged by the transaction"
    table.began = None
    for _ in range(70):
        assert revoked(feed, "a"), "judged by others"
        table.now += POLL_INTERVAL / 2


@pytest.mark.parametrize("unknown", [False, True], ids=["age known", "age unknown"])
@pytest.mark.parametrize("seconds", [1, 29, 31, 45, 61, 95])
def test_what_an_old_snapshot_lacks_is_read_by_the_next(unknown: bool, seconds: float) -> None:
    """A transaction that alone reads for long does not count as having read what was written meanwhile."""
    table = Snapshots()
    feed = RevocationFeed(table.load, table.clock, table.clock, snapshot_age=table.age)
    assert not revoked(feed, "a")
    table.unknown, table.began = unknown, table.now
    table.now += POLL_INTERVAL
    table.record("a")
    until = table.now + seconds
    while table.now < until:
        table.now += POLL_INTERVAL / 4
        revoked(feed, "a")
    table.began = None
    table.now += NUDGE_INTERVAL
    assert revoked(feed, "a")


def test_a_transaction_that_began_after_the_last_reading_may_read_for_all() -> None:
    """Where every request is a transaction, what has ended is still dropped, by one reading a second."""
    table = Snapshots()
    feed = RevocationFeed(table.load, table.clock, table.clock, snapshot_age=table.age)
    table.record("a")
    assert revoked(feed, "a")
    table.rows.clear()
    for _ in range(40):
        table.now += POLL_INTERVAL
        table.began = table.now
        table.now += 0.01
        revoked(feed, "a")
        revoked(feed, "a")
    assert len(table.reads) == 41
    assert not revoked(feed, "a")


def test_who_commits_is_not_undone_by_an_older_snapshot() -> None:
    """What this process revoked itself since the transaction began is newer than what that reads."""
    table = Snapshots()
    feed = RevocationFeed(table.load, table.clock, table.clock, snapshot_age=table.age)
    assert not revoked(feed, "a")
    table.now += LOOK_BACK
    table.began = table.now
    table.now += 0.1
    table.record("a")
    feed.hurry()
    feed.add(["a"])
    table.now += 0.1
    assert revoked(feed, "a")
    assert not feed.is_fresh


@pytest.mark.parametrize("read_before", [False, True], ids=["never read", "too old"])
def test_a_read_that_hangs_does_not_take_everybody_along(
    feed: RevocationFeed, table: Table, monkeypatch: pytest.MonkeyPatch, read_before: bool
) -> None:
    """Who has nothing to go by waits a while, and is then told so; whoever reads goes on reading."""
    monkeypatch.setattr("jotpass.auth.feed.LONG_PATIENCE", 0.01)
    if read_before:
        assert not revoked(feed, "a")
    hanging, let_go = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        let_go.wait(30)

    table.during = hang
    table.now += 31
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(revoked, feed, "a")
        assert hanging.wait(30)
        with pytest.raises(errors.FeedStale):
            revoked(feed, "a")
        assert not reading.done()
        let_go.set()
        assert not reading.result()
    assert not revoked(feed, "a")


def test_many_threads_poll_once(feed: RevocationFeed, table: Table) -> None:
    """Those who come while one is reading wait for its answer, and none of them reads again."""
    threads = 16
    together = threading.Barrier(threads)
    table.record("a")
    inside = threading.Semaphore(1)

    def alone() -> None:
        assert inside.acquire(blocking=False)
        inside.release()

    table.during = alone

    def ask(_: int) -> bool:
        together.wait()
        return revoked(feed, "a")

    with ThreadPoolExecutor(threads) as pool:
        assert all(pool.map(ask, range(threads)))
        assert table.reads == [None]
        table.now += POLL_INTERVAL
        assert all(pool.map(ask, range(threads)))
    assert table.reads == [None, LOOK_BACK]


def test_additions_of_many_threads_during_reloads_are_not_lost(table: Table) -> None:
    """Whatever the interleaving: once added, never again unknown."""
    feed = RevocationFeed(table.load, table.clock, table.clock)
    revoked(feed, "x")
    stop = threading.Event()

    def reload() -> None:
        while not stop.is_set():
            table.now += LOOK_BACK
            revoked(feed, "x")

    def add(worker: int) -> None:
        for number in range(300):
            key = f"{worker}-{number}"
            table.record(key, at=float("inf"))
            feed.add([key])
            assert revoked(feed, key)

    reloader = threading.Thread(target=reload)
    reloader.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, range(4)))
    finally:
        stop.set()
        reloader.join()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_process_reads_for_itself(feed: RevocationFeed, table: Table) -> None:
    """After a fork the child knows nothing, and a lock that another thread held does not stop it."""
    revoked(feed, "a")
    table.record("a")
    assert feed._lock.acquire(0)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if feed.age is None and revoked(feed, "a") else 1
        finally:
            os._exit(status)
    feed._lock.release()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert feed.age == 0
