"""A clock of the database that a test can set: what `Now()` answers, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.db import connection

SCHEMA = "shifted_clock"
INSTANT = 0.002
"""Seconds that pass for none, so that the times of one row are one time."""


class DatabaseClock:
    """Shifts the clock of this thread's connection; the process keeps its own."""

    def __init__(self) -> None:
        self.offset = timedelta(0)
        self._told: tuple[float, tuple[str, ...], str] = (float("-inf"), (), "")

    def shift(self, offset: timedelta) -> None:
        """Let the database be this far ahead of the process; negative is behind."""
        self.offset = offset
        self._told = (float("-inf"), (), "")
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            raw: Any = connection.connection
            # With the arity of SQLite's own, so that statements already prepared are prepared anew.
            raw.create_function("STRFTIME", -1, self._strftime)
        else:
            self._shift_postgresql()

    def advance(self, by: timedelta) -> None:
        """Let time pass for the database."""
        self.shift(self.offset + by)

    def restore(self) -> None:
        """Let the database tell its own time again."""
        self.offset = timedelta(0)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("RESET search_path")
                cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    def _strftime(self, *arguments: str) -> str:
        # SQLite's own tells one time throughout a statement.
        asked, of, told = self._told
        if of == arguments and time.monotonic() - asked < INSTANT:
            return told
        # Another connection still has SQLite's own function, which knows nothing of the clock of a test.
        offset = f"{self.offset.total_seconds():+} seconds"
        with closing(sqlite3.connect(":memory:")) as true:
            (text,) = true.execute("SELECT strftime(?, ?, ?)", (*arguments, offset)).fetchone()
        self._told = time.monotonic(), arguments, str(text)
        return str(text)

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
