"""Which database a host project runs on: JOTPASS_TEST_DATABASE is `sqlite` (the default) or `postgresql`.

The fixture `django_db_modify_db_settings` in tests/conftest.py fills in where it lives: a file, or the socket
of a PostgreSQL of the test run's own.
"""

from __future__ import annotations

import os
from typing import Any


def databases(**options: Any) -> dict[str, dict[str, Any]]:
    """The DATABASES setting of a host project, with `options` added to the default database.

    Raises:
        ValueError: JOTPASS_TEST_DATABASE names neither database.
    """
    kind = os.environ.get("JOTPASS_TEST_DATABASE", "sqlite")
    if kind == "sqlite":
        return {"default": _sqlite() | options}
    if kind == "postgresql":
        return {"default": _postgresql() | options}
    raise ValueError(f"JOTPASS_TEST_DATABASE is {kind!r}: 'sqlite' or 'postgresql'")


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",  # outside the tests; they have a file, by TEST
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {},
    }


def _postgresql() -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.postgresql", "NAME": "jotpass", "USER": "postgres", "TEST": {}}
