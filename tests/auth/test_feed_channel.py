"""Redis pub/sub: a hint to look at once, and never more than that. On a real Redis or Valkey."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
from importlib import util
from typing import TYPE_CHECKING, Any

import pytest
from django.core.checks import run_checks
from django.db import OperationalError, transaction
from redis import Redis

from jotpass.auth import feed_channel
from jotpass.auth.feed import NUDGE_INTERVAL, POLL_INTERVAL, RevocationFeed
from jotpass.auth.feed_channel import RevocationChannel, channel_of, close_channel
from jotpass.auth.revocation import feed as own_feed
from jotpass.auth.sessions import end_session, keep_session, start_session
from tests.server.program import until
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "jotpass:test:revoked"


class Process:
    """What a process knows: a feed whose seconds do not pass, and the rows that it would read."""

    def __init__(self, url: str) -> None:
        self.now = 1000.0
        self.rows: list[str] = []
        self.reads = 0
        self.failure: Exception | None = None
        self.feed = RevocationFeed(self.load, lambda: self.now, lambda: self.now)
        self.channel = RevocationChannel(url, NAME, self.feed)

    def load(self, look_back: float | None) -> Iterator[tuple[str, bool]]:
        """Read the rows."""
        self.reads += 1
        if self.failure:
            raise self.failure
        return iter([(key, True) for key in self.rows])

    def knows(self, key: str) -> bool:
        """Ask as a request does."""
        return self.feed.is_revoked(key, max_staleness=30)

    def is_nudged(self) -> bool:
        """Whether the next request will read."""
        return self.now >= self.feed._fresh_until

    def listens(self) -> bool:
        """Whether it was nudged in this second of its clock, as it is when its subscription stands."""
        return self.feed.redis_connected is True and self.feed._nudged_at == self.now


@pytest.fixture
def process(redis_url: str) -> Iterator[Callable[..., Process]]:
    """Makes processes; their threads are stopped at the end."""
    made: list[Process] = []

    def make(url: str = redis_url) -> Process:
        made.append(Process(url))
        return made[-1]

    yield make
    for one in made:
        one.channel.stop()
    close_channel()
    assert not [thread.name for thread in threading.enumerate() if "jotpass-revocation" in thread.name]


@pytest.fixture
def listener(process: Callable[..., Process]) -> Process:
    """A process that listens, and has read what there is."""
    one = process()
    one.channel.listen()
    until(one.listens)
    settle(one)
    return one


def settle(one: Process) -> None:
    """Let it read, and let so little time pass that it would not read again by itself."""
    one.now += NUDGE_INTERVAL
    one.knows("x")
    one.now += 2 * NUDGE_INTERVAL
    assert not one.is_nudged()


def test_a_message_makes_the_next_request_read(process: Callable[..., Process], listener: Process) -> None:
    """Within the second, from another process of the same name, and by reading the database."""
    teller = process()
    listener.rows = ["a"]
    assert not listener.knows("a")
    teller.channel.publish()
    until(listener.is_nudged)
    assert listener.knows("a")


def test_another_name_is_another_project(process: Callable[..., Process], listener: Process) -> None:
    """Pub/sub knows no database numbers; the name keeps projects on one server apart."""
    other = process()
    other.channel.name = "jotpass:other:revoked"
    other.channel.publish()
    other.channel.finish()
    teller = process()
    teller.channel.publish()
    until(listener.is_nudged)
    reads = listener.reads
    listener.knows("x")
    assert listener.reads == reads + 1


@pytest.mark.parametrize(
    "content", [b"", b"a", b'["a"]', b"\xff\x00", b'{"keys": ["a"], "revoked": true}', b"a" * 1_000_000]
)
def test_a_forged_message_revokes_nothing(redis_url: str, listener: Process, content: bytes) -> None:
    """Whatever it says is not looked at: what is revoked is in the database."""
    with Redis.from_url(redis_url) as client:
        client.publish(NAME, content)
    until(listener.is_nudged)
    assert not listener.knows("a")
    assert listener.feed.redis_connected


def test_a_flood_of_messages_costs_a_reading_now_and_then(redis_url: str, listener: Process) -> None:
    """However many come, there is a least time between two readings."""
    reads = listener.reads
    with Redis.from_url(redis_url) as client:
        for _ in range(500):
            client.publish(NAME, b"")
            listener.knows("x")
    # The clock of this process stands still.
    assert listener.reads <= reads + 1
    listener.now += NUDGE_INTERVAL
    listener.knows("x")
    assert listener.reads <= reads + 2


def test_a_message_does_not_make_a_failing_database_be_asked_more(listener: Process) -> None:
    """It is asked once in an interval, as without messages."""
    listener.failure = OperationalError()
    listener.now += POLL_INTERVAL
    listener.knows("x")
    reads = listener.reads
    for _ in range(5):
        listener.feed.nudge()
        listener.knows("x")
    assert listener.reads == reads


def test_a_message_during_a_reading_is_not_lost(listener: Process) -> None:
    """What it is about may have been committed after the snapshot."""

    def load(look_back: float | None) -> Iterator[tuple[str, bool]]:
        snapshot = [(key, True) for key in listener.rows]
        if not snapshot:
            listener.now += 0.001
            listener.feed.nudge()
            listener.rows = ["late"]
        return iter(snapshot)

    listener.feed._load = load
    listener.now += POLL_INTERVAL
    assert not listener.knows("late")
    listener.now += NUDGE_INTERVAL
    assert listener.knows("late")


# --- Redis is away ------------------------------------------------------------------------------------------


def test_redis_may_go_and_come(process: Callable[..., Process], caplog: pytest.LogCaptureFixture) -> None:
    """It is said once each time; requests go by the database meanwhile, and hear again afterwards."""
    caplog.set_level(logging.INFO, "jotpass.feed")
    with redis() as server:
        server.process.stop()
        one = process(server.url)
        one.channel.listen()
        until(lambda: one.feed.redis_connected is False)
        one.rows = ["a"]
        assert one.knows("a")
        for _ in range(2):
            one.now += POLL_INTERVAL
            server.process.start()
            # What was said while nobody listened may have been missed.
            until(one.listens)
            settle(one)
            one.channel.publish()
            until(one.is_nudged)
            server.process.stop()
            until(lambda: one.feed.redis_connected is False)
            one.channel.publish()
            assert one.knows("a")
    levels = [record.levelname for record in caplog.records if "Redis" in record.message]
    assert levels == ["WARNING", "INFO", "WARNING", "INFO", "WARNING"]


def test_a_silent_redis_is_one_that_is_away(
    process: Callable[..., Process], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections are accepted and nothing is answered; nobody who revokes waits for it."""
    monkeypatch.setattr(feed_channel, "SILENCE", 0.2)
    monkeypatch.setattr(feed_channel, "SLICE", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen(50)
        one = process(f"unix://{tmp_path / 'silent'}")
        one.feed.redis_connected = True
        one.channel.listen()
        until(lambda: one.feed.redis_connected is False)
        for _ in range(100):
            one.channel.publish()
        assert not one.knows("a")


def test_a_quiet_redis_is_asked_whether_it_is_there(
    listener: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No revocation for a long time is not the same as no Redis."""
    for name in ("PING_INTERVAL", "SLICE"):
        monkeypatch.setattr(feed_channel, name, 0.02)
    monkeypatch.setattr(feed_channel, "SILENCE", 1.0)
    heard: list[str] = []
    take = listener.channel._take

    def note(kind: str) -> None:
        heard.append(kind)
        take(kind)

    monkeypatch.setattr(listener.channel, "_take", note)
    until(lambda: heard.count("pong") > 60)
    assert listener.feed.redis_connected
    assert not listener.is_nudged()


# --- threads, forks and ends --------------------------------------------------------------------------------


def test_one_thread_listens_however_often_it_is_asked(listener: Process) -> None:
    """Each reading asks; a thread that died would be replaced."""
    before = threading.active_count()
    for _ in range(10):
        listener.channel.listen()
    assert threading.active_count() == before


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_process_has_a_channel_of_its_own(redis_url: str, process: Callable[..., Process]) -> None:
    """Threads and connections stay with the parent; the child starts its own when it first reads."""
    parent = channel_of(redis_url, NAME, process().feed)
    parent.listen()
    with feed_channel._lock:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                one = Process(redis_url)
                channel = channel_of(redis_url, NAME, one.feed)
                channel.listen()
                until(lambda: one.feed.redis_connected is True)
                status = 0 if channel is not parent else 1
            finally:
                os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_other_settings_are_another_channel(redis_url: str, process: Callable[..., Process]) -> None:
    """And the former one stops."""
    one = process()
    first = channel_of(redis_url, NAME, one.feed)
    first.listen()
    assert channel_of(redis_url, NAME, one.feed) is first
    second = channel_of(redis_url, f"{NAME}2", one.feed)
    assert second is not first
    assert not any(thread.is_alive() for thread in first._threads.values())


def test_a_process_that_ends_says_its_last_words(redis_url: str, listener: Process) -> None:
    """A management command revokes and is gone."""
    program = (
        "from jotpass.auth.feed_channel import channel_of\n"
        f"channel_of({redis_url!r}, {NAME!r}, None).publish()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    until(listener.is_nudged)


# --- wired up -----------------------------------------------------------------------------------------------


@pytest.fixture
def wired(settings: Any, process: Callable[..., Process], redis_url: str) -> Process:
    """The project on that Redis, and another process of it."""
    settings.JOTPASS = {"REVOCATION_REDIS_URL": redis_url, "ISSUER": "https://id.example"}
    other = process()
    other.channel.name = "jotpass:https://id.example:revoked"
    other.channel.listen()
    until(other.listens)
    settle(other)
    return other


@pytest.mark.django_db(transaction=True)
def test_a_revocation_is_told_after_its_commit(wired: Process, user: Any) -> None:
    """Whoever looked sooner would find nothing; what is rolled back is told to nobody."""
    pair = start_session(user)
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        end_session(pair.session_id)
        raise ZeroDivisionError
    with transaction.atomic():
        end_session(pair.session_id)
        assert not wired.is_nudged()
    until(wired.is_nudged)


@pytest.mark.django_db(transaction=True)
def test_a_taking_back_is_told_too(wired: Process, user: Any) -> None:
    """The person who changed the password goes on at once, everywhere."""
    from tests.auth.test_account_meanwhile import request_of  # noqa: PLC0415

    pair = start_session(user)
    request = request_of(pair, user)
    user.set_password("another")
    user.save()
    until(wired.is_nudged)
    settle(wired)
    assert keep_session(request)
    until(wired.is_nudged)


@pytest.mark.django_db(transaction=True)
def test_this_process_listens_once_it_reads(wired: Process) -> None:
    """And says whether it does."""
    assert own_feed.redis_connected is None
    own_feed.is_revoked("x", max_staleness=30)
    until(lambda: own_feed.redis_connected is True)


@pytest.mark.django_db(transaction=True)
def test_without_the_package_the_database_is_read(
    user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of the system checks, and no request's."""
    settings.JOTPASS = {"REVOCATION_REDIS_URL": "redis://localhost"}
    monkeypatch.setitem(sys.modules, "jotpass.auth.feed_channel", None)
    pair = start_session(user)
    assert end_session(pair.session_id)
    assert own_feed.is_revoked(pair.session_id, max_staleness=30)
    assert own_feed.redis_connected is False
    find = util.find_spec
    monkeypatch.setattr("jotpass.auth.checks.find_spec", lambda name: None if name == "redis" else find(name))
    assert "jotpass.E043" in {message.id for message in run_checks()}


def test_nobody_listens_where_nothing_is_asked(db: None, settings: Any) -> None:
    """Redis beside REVOCATION none is a mistake."""
    settings.JOTPASS = {"REVOCATION_REDIS_URL": "redis://localhost", "REVOCATION": "none"}
    assert "jotpass.W018" in {message.id for message in run_checks()}
    settings.JOTPASS = {"REVOCATION_REDIS_URL": "redis://localhost"}
    assert not {"jotpass.W018", "jotpass.E043"} & {message.id for message in run_checks()}


# --- an option that the package does not know ---------------------------------------------------------------


@pytest.mark.parametrize("query", ["foo=bar", "db=x"])
def test_an_option_that_redis_does_not_know_is_an_error_of_the_checks(
    db: None, settings: Any, query: str
) -> None:
    """And not of every reading; a known one is none."""
    settings.JOTPASS = {"REVOCATION_REDIS_URL": f"redis://:hush@localhost/0?{query}"}
    found = [message for message in run_checks() if message.id == "jotpass.E040"]
    assert len(found) == 1
    assert "hush" not in str(found)
    settings.JOTPASS = {"REVOCATION_REDIS_URL": "redis://localhost/0?health_check_interval=3"}
    assert "jotpass.E040" not in {message.id for message in run_checks()}


def test_no_thread_dies_of_an_option(process: Callable[..., Process]) -> None:
    """Who goes on all the same has Redis away, and one thread of each kind."""
    one = process("redis://localhost/0?foo=bar")
    one.channel.listen()
    one.channel.publish()
    until(lambda: one.feed.redis_connected is False)
    one.channel.finish()
    assert one.channel._sent.is_set()
    assert {name: thread.is_alive() for name, thread in one.channel._threads.items()} == {
        "listener": True,
        "publisher": True,
    }
