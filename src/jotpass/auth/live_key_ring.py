"""A key ring that changes while processes run: read again each second, and replaced as a whole.

Reading is handed in: this room knows no tables. What verifies is one object until a key comes or goes, so a
verifier that was built for it need only ask whether it is still the same.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakSet

from django.db import Error as DatabaseError

from jotpass.auth import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jotpass.jose import Key, KeySet

POLL_INTERVAL: Final = 1.0
"""Seconds after which the next use reads again: so long may a process go on with a revoked key."""

UNKNOWN_KID_INTERVAL: Final = 10.0
"""Seconds between two readings that a token with an unknown ``kid`` can cause."""

PATIENCE: Final = 1.0
"""Seconds that a request waits for another one's reading before it goes by the last one."""

logger = logging.getLogger("jotpass.keys")


class StoredKeys(NamedTuple):
    """What was stored at one moment.

    Attributes:
        signing: The key that signs; None if there is none yet, or it cannot be read.
        verification: Every key whose signatures count, the pending one too.
        begun: Whether there is a signing key at all.
        lasting: False while a transaction is open that may yet undo what was read.
    """

    signing: Key | None
    verification: KeySet
    begun: bool
    lasting: bool = True


class LiveKeyRing:
    """The keys of one issuer, as far as this process knows.

    Args:
        read: Returns what is stored; given what it returned last, it returns the same object if nothing
            changed.
        begin: Stores the first keys.
        max_staleness: Returns the seconds that keys may be old when they cannot be read.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        read: Callable[[StoredKeys | None], StoredKeys],
        begin: Callable[[], Any],
        max_staleness: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin unread."""
        self._read = read
        self._begin = begin
        self._max_staleness = max_staleness
        self._clock = clock
        self.forget()
        _rings.add(self)

    def forget(self) -> None:
        """Know nothing, as at the start of a process."""
        self._lock = threading.Lock()
        self._keys: StoredKeys | None = None
        self._read_at = self._looked_again_at = float("-inf")
        self._fresh_until = float("-inf")

    @property
    def signing(self) -> Key:
        """The key that signs; the first one is made by whoever first asks for it.

        Raises:
            ServiceUnavailable: It cannot be read.
        """
        key = self._begun().signing
        if key is None:
            raise errors.ServiceUnavailable
        return key

    @property
    def verification(self) -> KeySet:
        """Every key that verifies: the same object until a key comes or goes.

        Raises:
            ServiceUnavailable: They cannot be read, and were not for too long.
        """
        return self._current().verification

    @property
    def published(self) -> KeySet:
        """What a JWK Set says: as `verification`, but there are keys in it."""
        return self._begun().verification

    def look_again(self) -> bool:
        """Read for the sake of an unknown ``kid``, unless that was done lately; tell whether keys changed."""
        now = self._clock()
        if now < self._looked_again_at + UNKNOWN_KID_INTERVAL:
            return False
        self._looked_again_at = now
        before = self._keys
        self._fresh_until = float("-inf")
        return self._current() is not before

    def hurry(self) -> None:
        """Let the next use read first: something was written."""
        self._fresh_until = float("-inf")

    def _begun(self) -> StoredKeys:
        keys = self._current()
        if keys.begun:
            return keys
        try:
            self._begin()
        except DatabaseError as error:
            logger.exception("the first signing key could not be stored")
            raise errors.ServiceUnavailable from error
        self.hurry()
        return self._current()

    def _current(self) -> StoredKeys:
        keys = self._keys
        if keys is not None and self._clock() < self._fresh_until:
            return keys
        if not self._lock.acquire(timeout=-1 if keys is None else PATIENCE):
            return self._last_known()
        try:
            return self._reread()
        finally:
            self._lock.release()

    def _reread(self) -> StoredKeys:
        now = self._clock()
        if self._keys is not None and now < self._fresh_until:
            return self._keys
        try:
            keys = self._read(self._keys)
        except DatabaseError as error:
            logger.warning("signing keys could not be read", exc_info=True)
            known = self._last_known(error)
            self._fresh_until = now + POLL_INTERVAL
            return known
        self._keys = keys
        self._read_at = now
        self._fresh_until = _fresh_until(now, lasting=keys.lasting)
        return keys

    def settle(self) -> None:
        """Read now, so that the next use need not."""
        self.hurry()
        self._current()

    def _last_known(self, cause: Exception | None = None) -> StoredKeys:
        if self._keys is None or self._clock() - self._read_at > self._max_staleness():
            raise errors.ServiceUnavailable from cause
        return self._keys


_rings: Final[WeakSet[LiveKeyRing]] = WeakSet()


def hurry_all() -> None:
    """Let every ring of this process read before its next use: something was written."""
    for ring in list(_rings):
        ring.hurry()


def forget_all() -> None:
    """Let every ring of this process begin unread, as a process does."""
    for ring in list(_rings):
        ring.forget()


_held: list[bool] = []


def _fresh_until(now: float, *, lasting: bool) -> float:
    if _held:
        return float("inf")
    return now + POLL_INTERVAL if lasting else float("-inf")


@contextmanager
def held_still() -> Iterator[None]:
    """Inside, nothing is read again because time passes; what is written is noticed."""
    _held.append(True)
    try:
        yield
    finally:
        _held.pop()
        hurry_all()


os.register_at_fork(after_in_child=forget_all)
