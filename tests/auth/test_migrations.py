"""The tables are what the models say, under every host project and every Django."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader

from jotpass.auth.models import Revocation, Session, SigningKey, TokenFamily
from jotpass.auth.rotation import _ADVANCE

if TYPE_CHECKING:
    from tests.servers.postgresql import PostgresServer

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


MIGRATE = """
import sys, django
from django.conf import settings
from django.core.management import call_command

def database(name):
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": "postgres", "HOST": sys.argv[1]}

class ByModel:
    def allow_migrate(self, db, app_label, model_name=None, **hints):
        ours = model_name in {"session", "tokenfamily", "revocation", "signingkey"}
        return db == "auth" if ours else None

settings.configure(
    SECRET_KEY="9aTo4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf",
    DATABASES={"default": database(sys.argv[2]), "auth": database(sys.argv[3])},
    DATABASE_ROUTERS=[ByModel()],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "jotpass.auth"],
)
django.setup()
from django.db import connections
for alias in ("default", "auth"):
    call_command("migrate", database=alias, verbosity=0)
    tables = connections[alias].introspection.table_names()
    print(alias, sorted(name for name in tables if name.startswith("jotpass_")))
"""


def test_a_router_may_go_by_the_model(postgresql_server: PostgresServer) -> None:
    """On the alias without our tables there is nothing to create, and nothing to alter."""
    names = [postgresql_server.create_database() for _ in range(2)]
    try:
        done = subprocess.run(
            [sys.executable, "-c", MIGRATE, str(postgresql_server.folder), *names],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        for name in names:
            postgresql_server.drop_database(name)
    assert done.returncode == 0, done.stderr
    tables = sorted(model._meta.db_table for model in MODELS)
    assert done.stdout.splitlines() == ["default []", f"auth {tables}"]


def test_every_operation_names_its_model() -> None:
    """Those that run code or SQL do so by a hint, for routers to go by."""
    migrations = MigrationLoader(None).disk_migrations
    found = [
        operation
        for (app, _), migration in migrations.items()
        if app == "jotpass"
        for operation in migration.operations
        if isinstance(operation, (RunPython, RunSQL))
    ]
    assert found
    assert all("model_name" in operation.hints for operation in found)
