"""Redis or Valkey pub/sub: every process hears at once that something was revoked, and then reads what.

A message says "look" and nothing more, and whatever it holds is thrown away: what is revoked is in the
database alone. So a lost message costs a second, and a forged one, or a flood of them, a reading that would
have come anyway, at most twenty times a second. No request ever waits for Redis: one thread of a process
listens, and another, in a process that revokes, publishes.
"""

from __future__ import annotations

import atexit
import logging
import os
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

if TYPE_CHECKING:
    from jotpass.auth.feed import RevocationFeed

TIMEOUT: Final = 2.0
"""Seconds that Redis may take to accept a connection, or to answer."""

PING_INTERVAL: Final = 5.0
"""Seconds of silence after which a listener asks whether anybody is there."""

SILENCE: Final = 10.0
"""Seconds of silence after which nobody is."""

SLICE: Final = 0.5
"""Seconds for which a listener waits at a time, and so how long it takes to stop."""

FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 5.0
"""Seconds between two attempts to connect: each wait is twice the one before, give or take a half."""

LAST_WORDS: Final = 1.0
"""Seconds that a process which ends waits for what it has yet to publish."""

logger = logging.getLogger("jotpass.feed")


class RevocationChannel:
    """One process's end of the channel.

    Args:
        url: Of the server: ``redis://``, ``rediss://`` or ``unix://``.
        name: What the channel is called; those who share a database share a name.
        feed: Is nudged by messages, and told whether Redis is there.
    """

    def __init__(self, url: str, name: str, feed: RevocationFeed) -> None:
        """Start nothing yet: a thread does not survive the fork by which many servers make their workers."""
        self.url = url
        self.name = name
        self._feed = feed
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._stopped = threading.Event()
        self._due = threading.Event()
        self._sent = threading.Event()
        self._sent.set()

    def listen(self) -> None:
        """Listen from now on, if this process does not yet."""
        self._run("listener", self._listen)

    def publish(self) -> None:
        """Tell every process that something was revoked, soon; several calls at once become one message."""
        self._sent.clear()
        self._due.set()
        self._run("publisher", self._publish)

    def stop(self) -> None:
        """End the threads, and wait until they have."""
        self._stopped.set()
        self._due.set()
        for thread in self._threads.values():
            thread.join(TIMEOUT + SLICE)

    def finish(self) -> None:
        """Wait a moment for what is yet to be published."""
        self._sent.wait(LAST_WORDS)

    def _run(self, what: str, target: Any) -> None:
        thread = self._threads.get(what)
        if thread is not None and thread.is_alive():
            return
        with self._lock:
            thread = self._threads.get(what)
            if (thread is None or not thread.is_alive()) and not self._stopped.is_set():
                thread = threading.Thread(target=target, name=f"jotpass-revocation-{what}", daemon=True)
                self._threads[what] = thread
                thread.start()

    # --- hear -----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        delay = FIRST_DELAY
        while not self._stopped.is_set():
            try:
                self._hear()
            except Exception as error:  # noqa: BLE001 (a thread that dies is begun anew by every reading)
                was_there = self._feed.redis_connected
                self._note(connected=False, why=error)
                delay = FIRST_DELAY if was_there else min(2 * delay, LONGEST_DELAY)
                self._stopped.wait(delay * random.uniform(0.5, 1.5))  # noqa: S311 (not a secret)

    def _hear(self) -> None:
        """Listen over one connection for as long as it lasts."""
        with _client(self.url, retries=0) as client, client.pubsub() as subscription:
            subscription.subscribe(self.name)
            heard_at = pinged_at = time.monotonic()
            while not self._stopped.is_set():
                message = subscription.get_message(timeout=SLICE)
                now = time.monotonic()
                if message is not None:
                    heard_at = now
                    self._take(message["type"])
                elif now - heard_at > SILENCE:
                    raise RedisTimeoutError("Redis is silent")
                elif now - max(heard_at, pinged_at) > PING_INTERVAL:
                    subscription.ping()
                    pinged_at = now

    def _take(self, kind: str) -> None:
        if kind == "subscribe":
            self._note(connected=True)
        if kind in {"subscribe", "message"}:
            # What was said before the subscription stood was said to others.
            self._feed.nudge()

    def _note(self, *, connected: bool, why: Exception | None = None) -> None:
        if self._stopped.is_set() or self._feed.redis_connected is connected:
            return
        self._feed.redis_connected = connected
        if connected:
            logger.info("Redis answers: revocations are heard of at once")
        else:
            logger.warning("Redis is away: revocations are read from the database once a second (%s)", why)

    # --- tell -----------------------------------------------------------------------------------------------

    def _publish(self) -> None:
        client: Redis | None = None
        while True:
            self._due.wait()
            self._due.clear()
            if self._stopped.is_set():
                break
            try:
                client = client or _client(self.url, retries=1)
                client.publish(self.name, b"")
            except Exception:
                # The listener says that Redis is away, and everybody reads the database anyway.
                logger.debug("a revocation could not be published", exc_info=True)
            if not self._due.is_set():
                self._sent.set()
        if client is not None:
            client.close()


def is_usable(url: str) -> bool:
    """Whether the package redis understands all of this URL; nobody is called."""
    try:
        _client(url, retries=0).connection_pool.make_connection()
    except (RedisError, TypeError, ValueError):
        return False
    return True


def _client(url: str, *, retries: int) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT,
        socket_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), retries),
    )


# --- the channel of this process ----------------------------------------------------------------------------

_lock = threading.Lock()
_current: RevocationChannel | None = None


def channel_of(url: str, name: str, feed: RevocationFeed) -> RevocationChannel:
    """Return this process's channel, a new one when it is another than before."""
    global _current  # noqa: PLW0603 (one for each process, replaced when the settings are)
    channel = _current
    if channel is not None and (channel.url, channel.name) == (url, name):
        return channel
    with _lock:
        if _current is None or (_current.url, _current.name) != (url, name):
            _close()
            _current = RevocationChannel(url, name, feed)
        return _current


def close_channel() -> None:
    """Stop the channel of this process, if there is one."""
    with _lock:
        _close()


def _close() -> None:
    global _current  # noqa: PLW0603
    if _current is not None:
        _current.stop()
        _current = None


def _forget() -> None:
    """In the child of a fork: the threads stayed with the parent, and so did their connections."""
    global _current, _lock  # noqa: PLW0603
    _current = None
    _lock = threading.Lock()


def _finish() -> None:
    if _current is not None:
        _current.finish()


os.register_at_fork(after_in_child=_forget)
atexit.register(_finish)
