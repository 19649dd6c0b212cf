"""The revocations that a process holds in memory, and when it reads them again.

A loader is handed in: this room knows neither tables nor sockets. The first request after a second polls
before it is judged; everything is read again every half minute, and each poll looks back as far, so that a
row whose transaction committed late is not missed. What is read inside a transaction may be of an earlier
moment than what others have read: then it adds to that, and takes nothing away. Somebody who hears of a
revocation sooner may say so (`RevocationFeed.nudge`); what was revoked is then read like everything else.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from typing import Final

from django.db import Error as DatabaseError

from jotpass.auth import errors
from jotpass.auth.patient_lock import PatientLock

POLL_INTERVAL: Final = 1.0
"""Seconds after which the next request polls first."""

PATIENCE: Final = 1.0
"""Seconds that a request waits for another one's reading before it goes by the last one."""

LONG_PATIENCE: Final = 10.0
"""The same, where there is no last one to go by: a process that has just started may have much to read, and a
database that hangs must not take every thread along."""

LOOK_BACK: Final = 30.0
"""Seconds of the past that each poll reads again, and after which everything is read again."""

NUDGE_INTERVAL: Final = 0.05
"""Seconds between two readings, however often others say that there is something to read."""

CLOCK_STEP: Final = 5.0
"""Seconds by which the process's clock must jump for everything to be read again: what had ended by it, and
was left out, may not have ended now."""

logger = logging.getLogger("jotpass.feed")

Loader = Callable[[float | None], Iterable[tuple[str, bool]]]
"""Takes how many seconds to look back (None: everything) and returns pairs of a key and whether it is
revoked, oldest first: a later pair overrides an earlier one."""


class CannotReadNow(Exception):
    """A loader says: not over the connection of this request, but the database may be well."""


class RevocationFeed:
    """What is revoked, as far as this process knows.

    Args:
        load: Reads revocations.
        clock: Seconds that never go back.
        wall: The clock by which tokens end and the loader leaves out what has ended. It may be set.
        in_doubt: Whether what was just read may yet be undone. The next time everything is read.
        snapshot_age: How many seconds old what is about to be read may be; infinite where nobody knows.

    Attributes:
        redis_connected: Whether revocations are heard of at once; None where that is not asked for. The
            database is read either way.
    """

    redis_connected: bool | None

    def __init__(
        self,
        load: Loader,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        in_doubt: Callable[[], bool] = lambda: False,
        snapshot_age: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Begin empty and unread: nothing is accepted before the first full load."""
        self._load = load
        self._clock = clock
        self._wall = wall
        self._in_doubt = in_doubt
        self._snapshot_age = snapshot_age
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = PatientLock(self._clock)
        self._revoked: set[str] = set()
        self._added: dict[str, bool] = {}
        self._read_at: float | None = None
        self._seen_at = self._added_at = float("-inf")
        self._read_all_at: float | None = None
        self._fresh_until = 0.0
        self._hurried_at = self._nudged_at = self._failed_at = float("-inf")
        self._wall_ahead = 0.0
        self.redis_connected = None

    @property
    def age(self) -> float | None:
        """Seconds since the revocations were last read, None before the first time."""
        return None if self._read_at is None else self._clock() - self._read_at

    @property
    def is_fresh(self) -> bool:
        """Whether the next request is judged without reading anything."""
        return self._clock() < self._fresh_until

    def is_revoked(self, *keys: str, max_staleness: float, fail_open: bool = False) -> bool:
        """Tell whether any of the keys is revoked.

        Args:
            keys: The ``sid``, ``fid`` and ``jti`` of one access token.
            max_staleness: Seconds that the feed may be old when it cannot be read.
            fail_open: Judge by an older feed too.

        Raises:
            FeedStale: The feed is older, or was never read.
        """
        now = self._clock()
        if now >= self._fresh_until:
            self._poll(now, max_staleness)
            self._check_staleness(max_staleness, fail_open=fail_open)
        return not self._revoked.isdisjoint(keys)

    def knows_revoked(self, *keys: str) -> bool:
        """Tell whether any of the keys is revoked as far as is known, without reading anything."""
        return not self._revoked.isdisjoint(keys)

    def refresh(self) -> None:
        """Read the revocations again if it is time to, for those who are not asked by a request."""
        now = self._clock()
        if now >= self._fresh_until:
            self._poll(now, float("inf"))

    def add(self, keys: Iterable[str], *, revoked: bool = True) -> None:
        """Take in at once what this very process has committed."""
        changes = dict.fromkeys(keys, revoked)
        self._added_at = self._clock()
        self._added.update(changes)
        _apply(self._revoked, changes.items())

    def hurry(self) -> None:
        """Let the next request poll first: something was written, and may be committed by then."""
        self._hurried_at = self._clock()
        self._failed_at = float("-inf")
        self._fresh_until = 0.0

    def nudge(self) -> None:
        """Let the next request poll first: somebody says that something was revoked.

        Anybody may say so, as often as they like: it hastens a reading, and adds nothing to what is read. A
        database that has just failed is not asked sooner for it.
        """
        now = self._clock()
        self._nudged_at = now
        read_at = self._read_at
        soonest = now if read_at is None else max(now, read_at + NUDGE_INTERVAL)
        self._fresh_until = min(self._fresh_until, soonest)

    def _check_staleness(self, max_staleness: float, *, fail_open: bool) -> None:
        age = self.age
        if age is None or (age > max_staleness and not fail_open):
            raise errors.FeedStale

    def _poll(self, arrived: float, max_staleness: float) -> None:
        """Read once for all who arrived meanwhile; who has a feed to go by does not wait for ever."""
        age = self.age
        nothing_to_go_by = age is None or age > max_staleness
        if not self._lock.acquire(LONG_PATIENCE if nothing_to_go_by else PATIENCE):
            return
        try:
            if self._is_fresh_for(arrived) or self._failed_lately():
                return
            started = self._clock()
            try:
                age = self._snapshot_age()
                self._read(started, started - age)
            except CannotReadNow:
                # The last reading decides, and the next request tries.
                logger.debug("revocations cannot be read inside a failed transaction", exc_info=True)
            except DatabaseError:
                logger.warning("revocations could not be read", exc_info=True)
                # Counted from the end, so that those who waited do not each repeat it.
                self._failed_at = self._clock()
            else:
                self._stay_fresh(started, age)
        finally:
            self._lock.release()

    def _stay_fresh(self, started: float, age: float) -> None:
        """Let the next reading wait for as long as this one says what is so now."""
        known = age != float("inf")
        seen_at = started - age if known else started
        self._fresh_until = seen_at + POLL_INTERVAL if known else started + NUDGE_INTERVAL
        # Whoever hurries or nudges notes when, and then sets the time that was just overwritten.
        if self._hurried_at > seen_at:
            self._fresh_until = 0.0
        elif self._nudged_at > seen_at:
            self._fresh_until = started + NUDGE_INTERVAL

    def _is_fresh_for(self, arrived: float) -> bool:
        return self._seen_at > max(arrived - POLL_INTERVAL, self._hurried_at, self._nudged_at)

    def _failed_lately(self) -> bool:
        return self._clock() < self._failed_at + POLL_INTERVAL

    def _read(self, started: float, seen_at: float) -> None:
        self._added = {}
        wall_ahead = self._wall() - started
        stepped = abs(wall_ahead - self._wall_ahead) > CLOCK_STEP
        everything = self._read_all_at is None or started - self._read_all_at >= LOOK_BACK or stepped
        current = seen_at >= max(self._seen_at, self._added_at)
        # A set of its own, so that no request ever sees half of what was read.
        revoked = self._revoked.copy() if current and not everything else set()
        _apply(revoked, self._load(None if everything else LOOK_BACK))
        if not current:
            # An old snapshot of a transaction: what it lacks may have been revoked since.
            revoked |= self._revoked
        # What this process committed meanwhile is newer than what was read: before the exchange, so that no
        # request misses it, and after, for what was added to the old set in between.
        _apply(revoked, list(self._added.items()))
        self._revoked = revoked
        _apply(self._revoked, list(self._added.items()))
        self._read_at = started
        self._seen_at = max(self._seen_at, seen_at)
        if everything and current:
            self._read_all_at = seen_at
            self._wall_ahead = wall_ahead
        if self._in_doubt():
            self._read_all_at = None


def _apply(keys: set[str], changes: Iterable[tuple[str, bool]]) -> None:
    for key, revoked in changes:
        if revoked:
            keys.add(key)
        else:
            keys.discard(key)
