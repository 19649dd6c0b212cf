"""Pieces of code that run at the same time, each in a thread with a database connection of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

SECONDS: Final = 60
"""How long anything may take before it counts as stuck."""


def together(*pieces: Callable[[], T]) -> list[T]:
    """Run them all at once; what each returned, in order. The first error is raised."""
    start = threading.Barrier(len(pieces), timeout=SECONDS)

    def run(piece: Callable[[], T]) -> T:
        try:
            start.wait()
            return piece()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pieces)) as pool:
        running = [pool.submit(run, piece) for piece in pieces]
        return [future.result(SECONDS) for future in running]
