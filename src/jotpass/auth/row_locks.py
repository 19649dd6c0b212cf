"""Begin a transaction with the rows that it is going to change held.

Where the database has no SELECT FOR UPDATE, as SQLite, a transaction that begins with a read and then writes
is turned away at once if somebody has committed in between; one that begins with a write waits for its turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections
from django.db.models import F

if TYPE_CHECKING:
    from typing import Any

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import QuerySet


def hold_rows(rows: QuerySet[Any], column: str) -> None:
    """Lock rows until the end of the transaction, in the order of the query.

    Args:
        rows: Of the database that is written to.
        column: One that stays what it is; it is written where rows cannot be locked otherwise.
    """
    if connections[rows.db].features.has_select_for_update:
        list(rows.select_for_update().values_list("pk"))
    else:
        await_turn(rows, column)


def await_turn(rows: QuerySet[Any], column: str) -> None:
    """Wait until nobody else writes, where that is how the database locks; elsewhere do nothing.

    Args:
        rows: Of the database that is written to.
        column: As for `hold_rows`.
    """
    connection = connections[rows.db]
    if not (connection.features.has_select_for_update or begins_as_writer(connection)):
        rows.order_by().update(**{column: F(column)})


def begins_as_writer(connection: BaseDatabaseWrapper) -> bool:
    """Whether each transaction on SQLite waits for its turn to write before it does anything."""
    return getattr(connection, "transaction_mode", None) in {"IMMEDIATE", "EXCLUSIVE"}
