"""Statements that Django's ORM writes once and that are then sent again and again.

Building a query costs the ORM several times what the database needs to answer it. Rotation and the strict
mode send the same statement each time, so its text, its columns and their converters are kept.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from django.db import connections

from jotpass.auth.kept_plan import KeptPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import Field, Model, QuerySet

_SENTINEL: Final = UUID(int=0)


class PreparedSelect:
    """A SELECT of at most one row by one value: a UUID, an integer or a text.

    Args:
        build: Makes the queryset of tuples (``values_list``) for a database alias and a value, which must be
            the one parameter of its SQL.
        example: A value, for writing the SQL.
    """

    def __init__(
        self,
        build: Callable[[str, Any], QuerySet[Any, Any]],
        example: UUID | int | str = _SENTINEL,
    ) -> None:
        """Keep the builder; the SQL is written at first use, once for each database."""
        self._build = build
        self._example = example
        self._statements: dict[str, tuple[KeptPlan, list[tuple[int, Sequence[Any], Any]]]] = {}

    def fetch(self, using: str, key: UUID | int | str) -> tuple[Any, ...] | None:
        """Run it on a database and return the row, or None."""
        connection = connections[using]
        statement = self._statements.get(using)
        if statement is None:
            statement = self._statements[using] = self._prepare(using)
        plan, converters = statement
        with connection.cursor() as cursor:
            plan.run(cursor, connection, [_adapt(connection, key)])
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for position, functions, expression in converters:
            for convert in functions:
                row[position] = convert(row[position], expression, connection)
        return tuple(row)

    def _prepare(self, using: str) -> tuple[KeptPlan, list[tuple[int, Sequence[Any], Any]]]:
        compiler = self._build(using, self._example).query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        if list(parameters) != [_adapt(connections[using], self._example)]:
            message = "a prepared SELECT takes one value and nothing else"
            raise ValueError(message)
        columns = [column for column, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        return KeptPlan(sql), [(position, *entry) for position, entry in converters.items()]


class PreparedUpdate:
    """An UPDATE of one table whose condition names only columns of the row itself.

    With a sub-select in the condition, a database may judge it by a row that it then waits for and finds
    changed.

    Args:
        model: The table.
        sets: The fields that change.
        equals: The fields that must have a given value.
        empty: The field that must be NULL.
    """

    def __init__(self, model: type[Model], *, sets: Sequence[str], equals: Sequence[str], empty: str) -> None:
        self._model = model
        self._sets = tuple(sets)
        self._equals = tuple(equals)
        self._empty = empty
        self._statements: dict[str, KeptPlan] = {}

    def run(self, using: str, changes: Mapping[str, object], expected: Mapping[str, object]) -> bool:
        """Run it on a database.

        Args:
            using: The database alias.
            changes: A new value for each field that changes, of the type that the field reads.
            expected: The value that each field of the condition must have, likewise.

        Returns:
            Whether a row was changed.
        """
        connection = connections[using]
        plan = self._statements.get(using)
        if plan is None:
            plan = self._statements[using] = self._prepare(using)
        values = [changes[name] for name in self._sets] + [expected[name] for name in self._equals]
        adapted = [
            field.get_db_prep_value(value, connection, prepared=True)
            for field, value in zip(self._fields, values, strict=True)
        ]
        with connection.cursor() as cursor:
            plan.run(cursor, connection, adapted)
            return bool(cursor.rowcount == 1)

    @cached_property
    def _fields(self) -> list[Field[Any, Any]]:
        meta = self._model._meta
        return [cast("Field[Any, Any]", meta.get_field(name)) for name in (*self._sets, *self._equals)]

    def _prepare(self, using: str) -> KeptPlan:
        quote = connections[using].ops.quote_name
        meta: Any = self._model._meta

        def columns(names: Sequence[str]) -> list[str]:
            return [quote(meta.get_field(name).column) for name in names]

        assignments = ", ".join(f"{column} = %s" for column in columns(self._sets))
        conditions = [f"{column} = %s" for column in columns(self._equals)]
        conditions += [f"{column} IS NULL" for column in columns([self._empty])]
        table = quote(meta.db_table)
        condition = " AND ".join(conditions)
        return KeptPlan(f"UPDATE {table} SET {assignments} WHERE {condition}")  # noqa: S608 (names of fields)


def _adapt(connection: Any, key: UUID | int | str) -> UUID | int | str:
    return key.hex if isinstance(key, UUID) and not connection.features.has_native_uuid_field else key
