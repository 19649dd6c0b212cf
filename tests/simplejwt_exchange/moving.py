"""A project that moves, in a process of its own, under whichever of the two packages this environment has.

`python moving.py FILE` signs somebody in at the old views, carries the tokens, prints what became of each.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

PERSON = "vitor"
urlpatterns: list[Any] = []


def configure(file: str) -> None:
    """Both sides in one project; whatever is not about them is as small as can be."""
    settings.configure(
        SECRET_KEY="a-key-for-tests-alone:4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf9aTo",
        ALLOWED_HOSTS=["testserver"],
        USE_TZ=True,
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "rest_framework",
            "rest_framework_simplejwt.token_blacklist",
            "jotpass.auth",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": file}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF=__name__,
        SIMPLE_JWT={
            "SIGNING_KEY": "a-key-of-its-own-for-the-tokens-before:2hR7mWq9sTb4nXv6pLc1",
            "ROTATE_REFRESH_TOKENS": True,
            "BLACKLIST_AFTER_ROTATION": True,
            "CHECK_REVOKE_TOKEN": True,
        },
        JOTPASS={"SIMPLEJWT_TOKENS": True},
    )
    django.setup()


def move() -> dict[str, Any]:
    """Sign in four times, carry, and present every token on both sides."""
    from django.contrib.auth.models import User  # noqa: PLC0415 (after the setup)
    from rest_framework.test import APIClient  # noqa: PLC0415
    from rest_framework_simplejwt import views  # noqa: PLC0415

    urlpatterns.extend(
        (
            path("old/token/", views.TokenObtainPairView.as_view()),
            path("old/refresh/", views.TokenRefreshView.as_view()),
            path("old/blacklist/", views.TokenBlacklistView.as_view()),
            path("api/", include("jotpass.auth.drf.urls")),
        )
    )
    client = APIClient()

    def post(where: str, **body: str) -> Any:
        return client.post(where, body, format="json")

    call_command("migrate", verbosity=0)
    User.objects.create_user(PERSON, password=PERSON)
    live, rotated, ended, after = (
        post("/old/token/", username=PERSON, password=PERSON).json()["refresh"] for _ in range(4)
    )
    successor = post("/old/refresh/", refresh=rotated).json()["refresh"]
    post("/old/blacklist/", refresh=ended)
    printed = io.StringIO()
    call_command("jotpass", "migrate-from-simplejwt", "--json", stdout=printed)
    post("/old/blacklist/", refresh=after)
    tokens = {"live": live, "rotated": rotated, "ended": ended, "after": after, "successor": successor}
    return {
        "carried": json.loads(printed.getvalue())["tokens"],
        "here": {
            name: post("/api/token/refresh/", refresh=token).status_code for name, token in tokens.items()
        },
        "there": {name: post("/old/refresh/", refresh=token).status_code for name, token in tokens.items()},
    }


if __name__ == "__main__":
    configure(sys.argv[1])
    sys.stdout.write(json.dumps(move()))
