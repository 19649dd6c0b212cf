"""Things that live as long as somebody else holds them, and that any thread may add and look at."""

from __future__ import annotations

import os
import threading
from typing import Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class WeaklyHeld(Generic[T]):
    """A `WeakSet` that can be looked at while another thread adds to it."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._things: WeakSet[T] = WeakSet()
        self._open()
        # Whoever held the lock in the parent is not there to let go of it.
        os.register_at_fork(after_in_child=self._open)

    def _open(self) -> None:
        self._lock = threading.Lock()

    def add(self, thing: T) -> None:
        """Hold a thing as long as somebody else does."""
        with self._lock:
            self._things.add(thing)

    def alive(self) -> list[T]:
        """Return what is held at this moment."""
        with self._lock:
            return list(self._things)
