"""Statements that Django's ORM writes once and that are then sent as they are.

Building a query costs the ORM several times what the database needs to answer it. Rotation and the strict mode send
the same statement each time, so its text, its columns and their converters are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet

_SENTINEL: Final = UUID(int=0)


class PreparedSelect:
    """A SELECT of at most one row by one UUID.

    Args:
        build: Makes the queryset of tuples (``values_list``) for a database alias and a UUID, which must be the one
            parameter of its SQL.
    """

    def __init__(self, build: Callable[[str, UUID], QuerySet[Any, Any]]) -> None:
        """Keep the builder; the SQL is written at first use, once for each database."""
        self._build = build
        self._statements: dict[str, tuple[str, list[tuple[int, Sequence[Any], Any]]]] = {}

    def fetch(self, using: str, key: UUID) -> tuple[Any, ...] | None:
        """Run it on a database and return the row, or None."""
        connection = connections[using]
        statement = self._statements.get(using)
        if statement is None:
            statement = self._statements[using] = self._prepare(using)
        sql, converters = statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [_adapt(connection, key)])
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for position, functions, expression in converters:
            for convert in functions:
                row[position] = convert(row[position], expression, connection)
        return tuple(row)

    def _prepare(self, using: str) -> tuple[str, list[tuple[int, Sequence[Any], Any]]]:
        compiler = self._build(using, _SENTINEL).query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        if list(parameters) != [_adapt(connections[using], _SENTINEL)]:
            message = "a prepared SELECT takes one UUID and nothing else"
            raise ValueError(message)
        columns = [column for column, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        return sql, [(position, *entry) for position, entry in converters.items()]


def _adapt(connection: Any, key: UUID) -> object:
    return key if connection.features.has_native_uuid_field else key.hex
