"""What can be timed: an operation, and one that uses something up at every call."""

from __future__ import annotations

import contextlib
import gc
import io
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request

from benchmarks.rounds import TURNS, WARM_UP, timed
from benchmarks.wsgi import ENVIRON

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.rounds import Operation

BATCH: Final = 20
MORE_THAN_ARE_REMEMBERED: Final = 2000
CONTROL: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


class Spending:
    """An operation that uses up something made beforehand, such as a token that is taken back.

    Args:
        make: Makes one.
        spend: Uses it.
    """

    def __init__(self, make: Callable[[], str], spend: Callable[[str], object]) -> None:
        self._make = make
        self._spend = spend
        self._stock: list[str] = []

    def fill(self, count: int) -> None:
        """Make what so many calls need."""
        self._stock += [self._make() for _ in range(count - len(self._stock))]

    def __call__(self) -> None:
        """Use one up."""
        self._spend(self._stock.pop())


class Timer:
    """Times one operation, in slices of about the same length.

    Args:
        operation: What is timed.
        seconds: For how long it runs in a round.
    """

    def __init__(self, operation: Operation, seconds: float) -> None:
        self._operation = operation
        self.statements = self._count_statements()
        self._run_for(WARM_UP)
        self._repetitions = max(1, round(self._run_for(WARM_UP) * seconds / TURNS))
        gc.collect()
        gc.freeze()

    def __call__(self) -> float:
        """Run one slice; the seconds that the operation took once."""
        self._fill(2 * self._repetitions)
        gc.collect()
        return timed(self._operation, self._repetitions)

    def _run_for(self, seconds: float) -> float:
        """How often it runs in a second."""
        count, spent = 0, 0.0
        while spent < seconds:
            self._fill(BATCH)
            started = perf_counter()
            for _ in range(BATCH):
                self._operation()
            spent += perf_counter() - started
            count += BATCH
        return count / spent

    def _count_statements(self) -> int:
        """How many it sends, the boundaries of transactions apart."""
        self._fill(2)
        self._operation()
        with CaptureQueriesContext(connection) as captured:
            self._operation()
        return sum(not query["sql"].startswith(CONTROL) for query in captured.captured_queries)

    def _fill(self, count: int) -> None:
        if isinstance(self._operation, Spending):
            self._operation.fill(count)


def request(token: str) -> Request:
    """A request of Django REST Framework that brings a token."""
    environ: dict[str, Any] = ENVIRON | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "wsgi.input": io.BytesIO(),
    }
    return Request(WSGIRequest(environ | {"HTTP_AUTHORIZATION": f"Bearer {token}"}))


def refusal(read: Callable[[], object], refused: type[Exception]) -> Operation:
    """An operation that has to be refused."""

    def operation() -> None:
        with contextlib.suppress(refused):
            read()
            raise RuntimeError("a forged token was accepted")

    return operation


def forged(token: str) -> str:
    """The token with another signature."""
    text, _, signature = token.rpartition(".")
    return f"{text}.{signature[::-1]}"
