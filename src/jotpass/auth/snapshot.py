"""How old what a transaction reads may be.

PostgreSQL at REPEATABLE READ and above, and SQLite in WAL mode, show a transaction the database as it was
when the transaction first read. What a whole process goes by must not return to that moment. And inside a
transaction that has failed, nothing can be read at all.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.db import InternalError, connections
from django.db.transaction import TransactionManagementError

from jotpass.auth.feed import CannotReadNow
from jotpass.auth.row_locks import begins_as_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

UNKNOWN_AGE: Final = float("inf")

_POSTGRESQL: Final = """
    SELECT current_setting('transaction_isolation') IN ('read committed', 'read uncommitted'),
           EXTRACT(EPOCH FROM statement_timestamp() - transaction_timestamp())
"""


def snapshot_age(using: str) -> float:
    """Return how many seconds ago a read over this thread's connection may have been answered as well.

    Returns:
        0 outside a transaction, and where each statement sees all that is committed; at most the age of the
        transaction; `UNKNOWN_AGE` where the database does not tell that.

    Raises:
        CannotReadNow: The transaction has failed.
        DatabaseError: The database is away.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        return 0.0
    if connection.vendor == "postgresql":
        with readable(using):
            return _age_on_postgresql(connection)
    if connection.vendor == "sqlite":
        with readable(using):
            return _age_on_sqlite(connection)
    committed = getattr(connection, "isolation_level", None) == "read committed"
    return 0.0 if committed else UNKNOWN_AGE


@contextmanager
def readable(using: str) -> Iterator[None]:
    """Tell a transaction that has failed from a database that has.

    Raises:
        CannotReadNow: The connection is inside a transaction that has failed.
    """
    try:
        yield
    except (TransactionManagementError, InternalError) as error:
        if connections[using].in_atomic_block:
            raise CannotReadNow from error
        raise


def _age_on_postgresql(connection: BaseDatabaseWrapper) -> float:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL)
        committed, age = cursor.fetchone()
    if committed:
        return 0.0
    # The clock was set back meanwhile.
    return float(age) if age >= 0 else UNKNOWN_AGE


def _age_on_sqlite(connection: BaseDatabaseWrapper) -> float:
    # The one who may write reads what is newest, and without a write-ahead log readers hold writers up.
    if begins_as_writer(connection):
        return 0.0
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    return UNKNOWN_AGE if mode == "wal" else 0.0
