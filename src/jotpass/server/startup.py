"""From the environment to a project that may be served: settings loaded, checks passed, tables in place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import django
from django.core import checks
from django.core.management import call_command, execute_from_command_line
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from jotpass.server.databases import POSTGRESQL

if TYPE_CHECKING:
    from collections.abc import Sequence

# "jotpass" in ASCII: the key of the PostgreSQL advisory lock that lets one migration run at a time.
_MIGRATION_LOCK = int.from_bytes(b"jotpass", "big")


def set_up(settings_module: str = "jotpass.server.settings") -> None:
    """Load the settings out of the environment and the applications they name.

    Raises:
        environs.EnvError: A variable cannot be read.
        ImproperlyConfigured: The database URL cannot be used.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
    django.setup()


def run_management_command(
    program: str, arguments: Sequence[str], settings_module: str = "jotpass.server.settings"
) -> None:
    """Run a management command of the project, as `manage.py` would.

    Args:
        program: What the person typed to get here; the command's help shows it.
        arguments: The command and its arguments.
        settings_module: The project's settings, which the command loads when it needs them.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
    execute_from_command_line([program, *arguments])


def pending_migrations() -> list[str]:
    """List the migrations that the database has not seen, as `app.name`.

    Raises:
        django.db.OperationalError: The database is away.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> None:
    """Bring the database up to date, one process at a time on PostgreSQL.

    Raises:
        django.db.OperationalError: The database is away.
    """
    if connection.settings_dict["ENGINE"] != POSTGRESQL:
        call_command("migrate", interactive=False, verbosity=0)
        return
    with connection.cursor() as cursor:
        # Whoever comes second waits for the first, and a migration takes the time it takes.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
            cursor.execute("RESET lock_timeout")


def connection_limit() -> int | None:
    """Ask how many connections the database gives to one application; None when it does not count them."""
    if connection.settings_dict["ENGINE"] != POSTGRESQL:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        return int(cursor.fetchone()[0])


def check_messages() -> Sequence[checks.CheckMessage]:
    """Run every system check, those for deployment included.

    Returns:
        The messages that the settings do not silence.
    """
    return [
        message for message in checks.run_checks(include_deployment_checks=True) if not message.is_silenced()
    ]


def close_connections() -> None:
    """Give back every connection, and the pool behind them."""
    connections.close_all()
    if connection.settings_dict["ENGINE"] == POSTGRESQL:
        connection.close_pool()  # type: ignore[attr-defined]
