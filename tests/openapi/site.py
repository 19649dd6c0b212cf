"""The project whose schema is tried: the regular host project with drf-spectacular, on a SQLite of its own.

OPENAPI_DATABASE is the file. `python -m tests.openapi.site` makes the tables and the two people: one who
stays signed in, and one who signs out everywhere.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from jotpass.auth.client_secrets import hash_client_secret
from jotpass.server.databases import database_settings
from jotpass.server.unread_body import drain_unread_body
from tests.projects.regular import settings as regular

PEOPLE = STAYS, LEAVES = "vitor", "ada"
PASSWORD = "correct horse battery staple"
CLIENT = "orders"
CLIENT_SECRET = "jps_what-the-service-proves-itself-with"


def configure() -> None:
    """Configure Django out of the environment."""
    file = Path(os.environ["OPENAPI_DATABASE"])
    database = database_settings(f"sqlite:///{file}", data=file.parent, pool_size=1, timeout=5)
    options: dict[str, Any] = {name: getattr(regular, name) for name in dir(regular) if name.isupper()}
    changes = {
        "DATABASES": {"default": database},
        "INSTALLED_APPS": [*regular.INSTALLED_APPS, "drf_spectacular"],
        "REST_FRAMEWORK": regular.REST_FRAMEWORK
        | {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"},
        "SPECTACULAR_SETTINGS": {
            "TITLE": "Shop",
            "VERSION": "1.0.0",
            "OAS_VERSION": os.environ.get("OPENAPI_VERSION", "3.0.3"),
            "SERVE_INCLUDE_SCHEMA": False,
        },
        "ROOT_URLCONF": "tests.openapi.urls",
        "JOTPASS": {
            "SCOPES": ["read", "write:all"],
            "TRANSPORTS": json.loads(os.environ.get("OPENAPI_TRANSPORTS", '["body"]')),
            # Most of the passwords that are tried here are wrong.
            "SIGN_IN_FAILURES_PER_NAME": None,
            "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": None,
            "INTROSPECTION_CLIENTS": {CLIENT: hash_client_secret(CLIENT_SECRET)},
        },
    }
    settings.configure(**options | changes, LOGGING_CONFIG=None)
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    django.setup()


def application() -> Any:
    """Make the WSGI application; granian's factory."""
    configure()
    return drain_unread_body(get_wsgi_application())


def main() -> None:
    """Run a management command, or without one make what the server needs."""
    configure()
    if sys.argv[1:]:
        call_command(*sys.argv[1:])
        return
    call_command("migrate", verbosity=0)
    for name in PEOPLE:
        get_user_model().objects.create_user(username=name, password=PASSWORD)


if __name__ == "__main__":
    main()
