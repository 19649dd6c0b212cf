"""Django's DATABASES for the two databases we support, with waits that end and connections that are counted.

SQLite runs in WAL mode with immediate transactions, so that writers queue instead of failing half-way.
PostgreSQL runs behind the connection pool of psycopg, one pool for each worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from jotpass.server.data_folder import DATABASE_NAME

if TYPE_CHECKING:
    from pathlib import Path

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"

_RECONNECT_SECONDS = 1.0
"""For so long a pool tries by itself to replace a connection, and then leaves it to the next request. Left to
itself it pauses twice as long each time, and is still asleep when a database comes back after minutes."""

_WAL = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"


def database_settings(url: str, *, data: Path, pool_size: int, timeout: float) -> dict[str, Any]:
    """Give the entry of DATABASES for a database URL.

    Args:
        url: `postgres://...` or `sqlite:///...`; empty means `db.sqlite3` in `data`.
        data: Folder of the default SQLite database.
        pool_size: PostgreSQL connections that one process may hold.
        timeout: Seconds to wait for a connection or a lock.

    Raises:
        ImproperlyConfigured: The URL cannot be parsed, or is neither of SQLite nor of PostgreSQL. The message
            does not repeat it.
    """
    default = {"ENGINE": SQLITE, "NAME": data / DATABASE_NAME}
    parsed: dict[str, Any] = _parsed(url) if url else default
    options: dict[str, Any] = parsed.get("OPTIONS", {})
    if parsed["ENGINE"] == SQLITE:
        return parsed | {"CONN_MAX_AGE": 60, "OPTIONS": _sqlite_options(timeout) | options}
    if parsed["ENGINE"] == POSTGRESQL:
        pool = {"min_size": 1, "max_size": pool_size, "timeout": timeout}
        pooled = {"pool": pool | {"reconnect_timeout": _RECONNECT_SECONDS}}
        # A pool rules out persistent connections; its health check replaces those that a restart has cut.
        return parsed | {
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": _postgresql_options(timeout) | options | pooled,
        }
    raise ImproperlyConfigured("JOTPASS_DATABASE_URL names a database that is neither SQLite nor PostgreSQL.")


def _parsed(url: str) -> dict[str, Any]:
    try:
        return dict(dj_database_url.parse(url))
    except ValueError:
        raise ImproperlyConfigured("JOTPASS_DATABASE_URL cannot be read as the URL of a database.") from None


def _sqlite_options(timeout: float) -> dict[str, Any]:
    return {"transaction_mode": "IMMEDIATE", "timeout": timeout, "init_command": _WAL}


def _postgresql_options(timeout: float) -> dict[str, Any]:
    milliseconds = round(timeout * 1000)
    return {
        "connect_timeout": max(1, round(timeout)),
        "options": f"-c lock_timeout={milliseconds}",
        # A machine that is gone without a farewell: not the many minutes for which TCP would wait by itself.
        "keepalives_idle": max(1, round(timeout)),
        "keepalives_interval": 1,
        "tcp_user_timeout": milliseconds,
    }
