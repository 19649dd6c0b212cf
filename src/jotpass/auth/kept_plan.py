"""A statement whose plan PostgreSQL keeps on a connection: PREPARE once, EXECUTE from then on.

To plan the three tables of a refresh takes PostgreSQL longer than to answer it. The driver could prepare,
too, but by names that each process counts for itself: behind a pooler that hands out its connections
transaction by transaction, another process may have given the same name to another statement. Here the name
is a digest of the text, so that what is executed is what was meant, whoever prepared it.
"""

from __future__ import annotations

import logging
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django.db import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger("jotpass.database")

USES_BEFORE: Final = 5
"""On a connection that is opened for each request, preparing would cost more than it saves."""

_GONE: Final = frozenset({"26000", "0A000"})
"""``invalid_sql_statement_name``, and ``feature_not_supported``: the columns have changed since."""

_PREPARED_ALREADY: Final = "42P05"
"""``duplicate_prepared_statement``: through a pooler, by somebody else."""


class KeptPlan:
    """One statement, sent as it is, or by the name of its plan where that is known to be safe.

    It is sent as it is to every other database; inside a transaction, which a name that the server does not
    know would abort; where the project binds on the server, or says by ``DISABLE_SERVER_SIDE_CURSORS`` that a
    pooler stands between; and for good as soon as a server has once forgotten the name.

    Args:
        sql: The statement, with ``%s`` for each parameter and no other percent sign.
    """

    def __init__(self, sql: str) -> None:
        """Keep the text; nothing is sent."""
        self._sql = sql
        self._name = f"jotpass_{sha256(sql.encode()).hexdigest()[:24]}"
        parts = sql.split("%s")
        numbered = "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], 1)) + parts[-1]
        self._prepare = f"PREPARE {self._name} AS {numbered}"
        self._execute = f"EXECUTE {self._name} ({', '.join(['%s'] * (len(parts) - 1))})"
        self._uses: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._forgotten = False

    def run(self, cursor: Any, connection: Any, parameters: Sequence[object]) -> None:
        """Execute it.

        Args:
            cursor: An open cursor of the connection.
            connection: Django's connection.
            parameters: As the database's driver takes them.
        """
        if self._is_prepared(connection):
            try:
                cursor.execute(self._execute, parameters)
            except DatabaseError as error:
                # It was refused before anything happened, and outside a transaction.
                if _sqlstate(error.__cause__) not in _GONE:
                    raise
                self._forgotten = True
                logger.info("the database has forgotten a prepared statement; none is used from now on")
            else:
                return
        cursor.execute(self._sql, parameters)

    def _is_prepared(self, connection: Any) -> bool:
        if self._forgotten or not _keeps_plans(connection):
            return False
        link = connection.connection
        uses = self._uses.get(link, 0)
        if uses > USES_BEFORE:
            return True
        prepared = uses == USES_BEFORE and self._prepares(connection)
        self._uses[link] = uses + 1 if uses < USES_BEFORE or prepared else 0
        return prepared

    def _prepares(self, connection: Any) -> bool:
        # Not by Django's cursor: it is no statement of the project's.
        try:
            with connection.connection.cursor() as cursor:
                cursor.execute(self._prepare)
        except connection.Database.Error as error:
            # Whatever else is wrong, the plain statement is going to say.
            return _sqlstate(error) == _PREPARED_ALREADY
        return True


def _keeps_plans(connection: Any) -> bool:
    return (
        connection.vendor == "postgresql"
        and not connection.in_atomic_block
        and connection.autocommit
        and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
        and not connection.settings_dict["OPTIONS"].get("server_side_binding")
    )


def _sqlstate(error: BaseException | None) -> str | None:
    # psycopg says `sqlstate`, psycopg2 `pgcode`.
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
