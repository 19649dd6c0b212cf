"""The project that the fleet serves, in processes of its own: the regular host project on PostgreSQL.

RACES_SOCKET and RACES_DATABASE say where the database is, RACES_ATOMIC whether requests are wrapped in
transactions, RACES_JOTPASS, in JSON, holds the JOTPASS setting, and RACES_REDIS, if set, is the URL of the
cache. `python -m tests.races.site` makes the tables and the person who signs in.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from jotpass.server.unread_body import drain_unread_body
from tests.projects.regular import settings as regular

USERNAME = "vitor"
PASSWORD = "correct horse battery staple"


def configure() -> None:
    """Configure Django out of the environment."""
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["RACES_SOCKET"],
        "NAME": os.environ["RACES_DATABASE"],
        "USER": "postgres",
        "CONN_MAX_AGE": None,
        "ATOMIC_REQUESTS": os.environ["RACES_ATOMIC"] == "1",
    }
    options: dict[str, Any] = {name: getattr(regular, name) for name in dir(regular) if name.isupper()}
    changes = {
        "DATABASES": {"default": database},
        "JOTPASS": json.loads(os.environ["RACES_JOTPASS"]),
        "ROOT_URLCONF": "tests.races.urls",
    }
    if redis := os.environ.get("RACES_REDIS"):
        backend = "django.core.cache.backends.redis.RedisCache"
        changes["CACHES"] = {"default": {"BACKEND": backend, "LOCATION": redis}}
    settings.configure(**options | changes, LOGGING_CONFIG=None)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(message)s")
    logging.getLogger("django.request").setLevel(logging.ERROR)
    django.setup()


def application() -> Any:
    """Make the WSGI application; granian's factory."""
    configure()
    return drain_unread_body(get_wsgi_application())


if __name__ == "__main__":
    configure()
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user(username=USERNAME, password=PASSWORD)
