"""The tables are what the models say, under every host project and every Django."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from jotpass.auth.models import Revocation, Session, SigningKey, TokenFamily
from jotpass.auth.rotation import _ADVANCE

MODELS = [Session, TokenFamily, Revocation, SigningKey]


def test_no_migration_is_missing(db: None) -> None:
    """`makemigrations --check` finds nothing to write, for us and for the host project."""
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_nothing_is_left_to_apply(db: None) -> None:
    """`migrate --check` is content."""
    call_command("migrate", "--check", stdout=StringIO())


@pytest.mark.parametrize("model", MODELS)
def test_every_column_is_there(db: None, model: type) -> None:
    """By the names of the fields."""
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, model._meta.db_table)  # type: ignore[attr-defined]
    columns = {column.name for column in described}
    assert columns == {field.column for field in model._meta.concrete_fields}  # type: ignore[attr-defined]


def test_the_pages_of_families_have_room(db: None) -> None:
    """On PostgreSQL, for the next version of each row; SQLite writes rows in place."""
    table = TokenFamily._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reloptions::text FROM pg_class WHERE relname = %s", [table])
            assert cursor.fetchone() == ("{fillfactor=85}",)
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
            assert "fillfactor" not in cursor.fetchone()[0]


def test_no_index_covers_what_a_refresh_changes(db: None) -> None:
    """Else PostgreSQL would write to every index of the table at each refresh, whatever room there is."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, TokenFamily._meta.db_table)
    indexed = {
        name
        for constraint in constraints.values()
        if constraint["index"] or constraint["unique"] or constraint["primary_key"]
        for name in constraint["columns"]
    }
    assert indexed == {"fid", "session_id"}
    assert indexed.isdisjoint(_ADVANCE._sets)


@pytest.mark.parametrize("model", MODELS)
def test_a_row_is_named_without_a_secret(model: type) -> None:
    """In the admin and in logs, by an identifier."""
    row = model(key="a-key") if model is Revocation else model()
    assert str(row) == str(getattr(row, "key", row.pk))
