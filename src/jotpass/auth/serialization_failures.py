"""Try a transaction again that the database undid for the sake of another one.

From REPEATABLE READ up, PostgreSQL does that wherever two change the same row, and asks for another attempt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from django.db import OperationalError, connections

from jotpass.auth.models import session_database

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

ATTEMPTS: Final = 10

_SERIALIZATION_FAILURE: Final = "40001"


def tried_again(transact: Callable[[], T]) -> T:
    """Return what it returns, after several attempts if need be.

    Args:
        transact: One whole transaction, which does nothing that a rollback does not undo. Inside another one
            it is tried once: that is for whoever began it to repeat.

    Raises:
        OperationalError: Others were faster each time.
    """
    attempts = 1 if connections[session_database()].in_atomic_block else ATTEMPTS
    for _ in range(attempts - 1):
        try:
            return transact()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _SERIALIZATION_FAILURE:
                raise
    return transact()
