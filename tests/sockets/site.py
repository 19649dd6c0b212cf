"""The project that a test serves over ASGI, in a process of its own: the regular one, and WebSockets.

SOCKETS_DATABASE is the URL of its database, and SOCKETS_JOTPASS, in JSON, the JOTPASS setting. `python -m
tests.sockets.site` makes the tables and the people who sign in, and with arguments runs a management command.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from importlib import import_module
from typing import Any

import dj_database_url
import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from tests.projects.regular import settings as regular

USERNAME = "vitor"
OTHER_USERNAME = "mallory"
PASSWORD = "correct horse battery staple"
ISSUER = "https://id.example"


def site_by_host(request: Any) -> Any:
    """Tell two sites apart: one by the server's address, one by the name ``localhost``."""
    sites = import_module("jotpass.auth.sites")
    issuer = "https://local.example" if request.get_host().startswith("localhost") else ISSUER
    return sites.Site(issuer, issuer)


def configure() -> None:
    """Configure Django out of the environment."""
    options: dict[str, Any] = {name: getattr(regular, name) for name in dir(regular) if name.isupper()}
    changes: dict[str, Any] = {
        "DATABASES": {"default": dict(dj_database_url.parse(os.environ["SOCKETS_DATABASE"]))},
        "JOTPASS": json.loads(os.environ["SOCKETS_JOTPASS"]),
        "ROOT_URLCONF": "tests.sockets.urls",
    }
    settings.configure(**options | changes, LOGGING_CONFIG=None)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(message)s")
    django.setup()


def application() -> Any:
    """Make the ASGI application; granian's factory."""
    configure()
    return import_module("tests.sockets.routing").application


if __name__ == "__main__":
    configure()
    if sys.argv[1:]:
        call_command(*sys.argv[1:])
        sys.exit()
    call_command("migrate", verbosity=0)
    for name in (USERNAME, OTHER_USERNAME):
        get_user_model().objects.create_user(username=name, password=PASSWORD)
