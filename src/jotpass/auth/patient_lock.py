"""A lock for the one who reads for all: those who wait take off how long the reading has been going on.

Patience counts from when the reading began, not from when somebody came. Else a database that hangs for
minutes would hold up every request for as long as it has patience, one after the other in each thread.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class PatientLock:
    """Held by at most one thread.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin free."""
        self._lock = threading.Lock()
        self._clock = clock
        self._held_since: float | None = None

    def acquire(self, patience: float) -> bool:
        """Take it, or give up when its holder has had it for so many seconds.

        Returns:
            Whether the caller holds it now.
        """
        if not self._lock.acquire(timeout=self.left_of(patience)):
            return False
        self._held_since = self._clock()
        return True

    def release(self) -> None:
        """Let the next one have it."""
        self._held_since = None
        self._lock.release()

    def left_of(self, patience: float) -> float:
        """Take off for how long its holder has had it: the seconds that are left, 0 at least."""
        since = self._held_since
        return patience if since is None else max(0.0, since + patience - self._clock())
