"""A key ring that changes while processes run: read again each second, and replaced as a whole.

Reading is handed in: this room knows no tables. Who reads, and who waits or goes by the last reading, is as
with the revocations (`jotpass.auth.feed`). What verifies is one object until a key comes or goes, so a
verifier that was built for it need only ask whether it is still the same.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import Error as DatabaseError

from jotpass.auth import errors
from jotpass.auth.feed import LONG_PATIENCE, PATIENCE, POLL_INTERVAL, CannotReadNow
from jotpass.auth.patient_lock import PatientLock
from jotpass.auth.weakly_held import WeaklyHeld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jotpass.jose import Key, KeySet

UNKNOWN_KID_INTERVAL: Final = 10.0
"""Seconds between two readings that a token with an unknown ``kid`` can cause."""

logger = logging.getLogger("jotpass.keys")


class KeysUnreadable(Exception):
    """The keys cannot be read, and the log says why."""


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
        snapshot_age: How many seconds old what is about to be read may be; infinite where nobody knows.

    Attributes:
        is_failing: Whether the last attempt to read failed, and uses are answered by an earlier one, if any.
    """

    is_failing: bool

    def __init__(
        self,
        read: Callable[[StoredKeys | None], StoredKeys],
        begin: Callable[[], Any],
        max_staleness: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        snapshot_age: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Begin unread."""
        self._read = read
        self._begin = begin
        self._max_staleness = max_staleness
        self._clock = clock
        self._snapshot_age = snapshot_age
        self.forget()
        _rings.add(self)

    def forget(self) -> None:
        """Know nothing, as at the start of a process."""
        self._lock = PatientLock(self._clock)
        self._keys: StoredKeys | None = None
        self._read_at = self._looked_again_at = self._failed_at = float("-inf")
        self._seen_at = self._hurried_at = float("-inf")
        self._fresh_until = float("-inf")
        self._hurried: object = None
        self._read_for: object = None
        self.is_failing = False

    @property
    def is_fresh(self) -> bool:
        """Whether the next use reads nothing."""
        return self._keys is not None and self._clock() < self._fresh_until

    @property
    def begun(self) -> bool:
        """Whether there is a key that signs; asking makes none.

        Raises:
            ServiceUnavailable: They cannot be read, and were not for too long.
        """
        return self._current().begun

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
        self._expire()
        return self._current() is not before

    def hurry(self) -> None:
        """Let the next use read first: something was written."""
        self._failed_at = float("-inf")
        self._hurried_at = self._clock()
        self._expire()

    def settle(self) -> None:
        """Read now, so that the next use need not."""
        self.hurry()
        self._current()

    def _expire(self) -> None:
        # In this order: who is reading sets the time, and then looks whether the mark is another one.
        self._hurried = object()
        self._fresh_until = float("-inf")

    def _begun(self) -> StoredKeys:
        keys = self._current()
        if keys.begun:
            return keys
        if self._failed_lately():
            raise errors.ServiceUnavailable
        try:
            self._begin()
        except DatabaseError as error:
            logger.exception("the first signing key could not be stored")
            self._failed_at = self._clock()
            raise errors.ServiceUnavailable from error
        self._expire()
        return self._current()

    def _current(self) -> StoredKeys:
        keys = self._keys
        arrived = self._clock()
        if keys is not None and arrived < self._fresh_until:
            return keys
        # Who has keys to go by does not wait for ever, and who has none does not either.
        if not self._lock.acquire(PATIENCE if self._has_known_keys() else LONG_PATIENCE):
            return self._last_known()
        try:
            return self._read_once(arrived)
        finally:
            self._lock.release()

    def _read_once(self, arrived: float) -> StoredKeys:
        """Read, unless somebody did so for all who arrived meanwhile, or failed to."""
        if self._keys is not None and (self.is_fresh or self._is_fresh_for(arrived)):
            return self._keys
        if self._failed_lately():
            return self._last_known()
        started, hurried = self._clock(), self._hurried
        try:
            age = self._snapshot_age()
            keys = self._read(self._keys)
        except CannotReadNow as error:
            # Nothing is wrong with the database: the next use tries.
            return self._last_known(error)
        except (DatabaseError, KeysUnreadable) as error:
            if not isinstance(error, KeysUnreadable):
                logger.warning("signing keys could not be read", exc_info=True)
            self.is_failing = True
            # Counted from the end, so that those who waited do not each repeat it.
            self._failed_at = self._clock()
            return self._last_known(error)
        self.is_failing = False
        return self._take(keys, started, age, hurried)

    def _take(self, keys: StoredKeys, started: float, age: float, hurried: object) -> StoredKeys:
        """Go by what was read, unless that is the old snapshot of a transaction and newer keys are known."""
        known, seen_at = self._keys, started - age
        old = seen_at < max(self._seen_at, self._hurried_at)
        settled = keys.lasting and known is not None and known.lasting
        if old and settled and age != float("inf"):
            return known or keys
        # Where nobody knows how old it is, it serves who has read it, and the next use reads for itself.
        self._keys, self._read_at, self._read_for = keys, started, object() if old else hurried
        self._seen_at = max(self._seen_at, seen_at)
        self._fresh_until = _fresh_until(seen_at, lasting=keys.lasting and not old)
        if self._hurried is not hurried:
            self._fresh_until = float("-inf")
        return keys

    def _is_fresh_for(self, arrived: float) -> bool:
        lasting = self._keys is not None and self._keys.lasting
        return lasting and self._read_for is self._hurried and self._seen_at > arrived - POLL_INTERVAL

    def _failed_lately(self) -> bool:
        return self._clock() < self._failed_at + POLL_INTERVAL

    def _has_known_keys(self) -> bool:
        keys = self._keys
        return keys is not None and keys.begun and not self._is_too_old()

    def _is_too_old(self) -> bool:
        return self._clock() - self._read_at > self._max_staleness()

    def _last_known(self, cause: Exception | None = None) -> StoredKeys:
        if self._keys is None or self._is_too_old():
            raise errors.ServiceUnavailable from cause
        return self._keys


_rings: Final[WeaklyHeld[LiveKeyRing]] = WeaklyHeld()


def hurry_all() -> None:
    """Let every ring of this process read before its next use: something was written."""
    for ring in _rings.alive():
        ring.hurry()


def forget_all() -> None:
    """Let every ring of this process begin unread, as a process does."""
    for ring in _rings.alive():
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
