"""A clock of the database that a test can set: what `Now()` answers, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

SCHEMA = "shifted_clock"


class DatabaseClock:
    """Shifts the clock of this thread's connection; the process keeps its own."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def shift(self, offset: timedelta) -> None:
        """Let the database be this far ahead of the process; negative is behind."""
        self.offset = offset
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            raw: Any = connection.connection
            raw.create_function("STRFTIME", -1, self._strftime)
        else:
            self._shift_postgresql()

    def advance(self, by: timedelta) -> None:
        """Let time pass for the database."""
        self.shift(self.offset + by)

    def restore(self) -> None:
        """Let the database tell its own time again."""
        if not self.offset:
            return
        if connection.vendor == "sqlite":
            raw: Any = connection.connection
            raw.create_function("STRFTIME", -1, None)
        else:
            with connection.cursor() as cursor:
                cursor.execute("RESET search_path")
                cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    def _strftime(self, pattern: str, moment: str) -> str:
        assert moment == "NOW", "only the present is shifted"
        assert pattern.endswith("%f"), "SQLite's %f is seconds with milliseconds"
        now = datetime.now(UTC) + self.offset
        return f"{now:{pattern.removesuffix('%f')}%S}.{now.microsecond // 1000:03}"

    def _shift_postgresql(self) -> None:
        # A function of the same name in a schema that is searched before pg_catalog.
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            interval = f"interval ''{self.offset.total_seconds()} seconds''"
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {SCHEMA}.statement_timestamp() RETURNS timestamptz "
                f"LANGUAGE sql AS 'SELECT pg_catalog.statement_timestamp() + {interval}'"
            )
            cursor.execute(f"SET search_path = {SCHEMA}, pg_catalog, public")
