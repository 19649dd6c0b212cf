"""What a piece of code says to the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from collections.abc import Iterator

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of a block, in order; BEGIN, COMMIT and savepoints apart."""
    said: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield said
    said += [query["sql"] for query in captured.captured_queries if query["sql"].startswith(VERBS)]
