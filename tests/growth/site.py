"""The regular host project in a process of its own, on the database GROWTH_DATABASE_URL.

`python -m tests.growth.site COMMAND NUMBER`:

    fill N       the tables, N sessions that have ended, each with its family, and N that are live
    refresh N    N refreshes of live families, drawn at random; then the counts of the table's updates
    plans N      how PostgreSQL finds a batch of N
    flush N      `manage.py jotpass flush --batch N`
"""

from __future__ import annotations

import json
import os
import random
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from tests.projects.regular import settings as regular

if TYPE_CHECKING:
    from collections.abc import Callable

USERS = 10


def configure() -> None:
    """Configure Django out of the environment."""
    options: dict[str, Any] = {name: getattr(regular, name) for name in dir(regular) if name.isupper()}
    url = os.environ["GROWTH_DATABASE_URL"]
    changes = {"DATABASES": {"default": dj_database_url.parse(url, conn_max_age=None)}}
    settings.configure(**options | changes, LOGGING_CONFIG=None)
    django.setup()


def fill(count: int) -> None:
    """Make the tables, and rows in them."""
    call_command("migrate", verbosity=0)
    if connection.vendor == "postgresql":
        _fill_postgresql(count)
    else:
        _fill(count)


def _fill_postgresql(count: int) -> None:
    from tests.growth import numbered  # noqa: PLC0415 (models want Django set up)

    auth_hash = numbered.insert_users("default", USERS)
    for rows in (numbered.Numbered.ended(count, users=USERS), numbered.Numbered.live(count, users=USERS)):
        rows.insert("default", 0, count, auth_hash)
    numbered.insert_ended_revocations("default", count)
    numbered.settle("default")


def _fill(count: int) -> None:
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.db.models import F  # noqa: PLC0415

    from jotpass.auth.models import Session  # noqa: PLC0415
    from jotpass.auth.sessions import start_session  # noqa: PLC0415

    user = get_user_model().objects.create_user(username="vitor")
    with transaction.atomic():
        for _ in range(count):
            start_session(user)
        Session.objects.update(expires_at=F("expires_at") - timedelta(days=30))
        for _ in range(count):
            start_session(user)


def refresh(count: int) -> None:
    """Refresh at random, as holders do, and print how many updates there were and how many were HOT."""
    from jotpass.auth.models import Session, TokenFamily  # noqa: PLC0415
    from jotpass.auth.rotation import rotate_refresh_token  # noqa: PLC0415
    from jotpass.auth.sessions import start_session  # noqa: PLC0415

    user = Session.objects.all()[0].user
    tokens = [start_session(user).refresh for _ in range(200)]
    for _ in range(count):
        number = random.randrange(len(tokens))  # noqa: S311 (no secret)
        pair = rotate_refresh_token(tokens[number]).pair
        assert pair
        tokens[number] = pair.refresh
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = %s",
            [TokenFamily._meta.db_table],
        )
        print(json.dumps(cursor.fetchone()))  # noqa: T201 (the answer)


def plans(batch: int) -> None:
    """Print the plan of each statement of a flush that looks for something."""
    from jotpass.auth.flush import ended_revocations, ended_sessions  # noqa: PLC0415
    from jotpass.auth.models import Session, TokenFamily  # noqa: PLC0415

    since = Session.objects.order_by("expires_at")[batch].expires_at
    keys = list(ended_sessions().values_list("pk", flat=True)[:batch])
    statements = {
        "ended sessions": ended_sessions().filter(expires_at__gte=since)[:batch],
        "ended revocations": ended_revocations()[:batch],
        "their families": TokenFamily.objects.filter(session_id__in=keys),
    }
    print(json.dumps({name: rows.explain() for name, rows in statements.items()}))  # noqa: T201


def flush(batch: int) -> None:
    """Run the management command."""
    call_command("jotpass", "flush", batch=batch)


COMMANDS: dict[str, Callable[[int], None]] = {
    "fill": fill,
    "refresh": refresh,
    "plans": plans,
    "flush": flush,
}

if __name__ == "__main__":
    configure()
    COMMANDS[sys.argv[1]](int(sys.argv[2]))
