"""A project with django-axes, as its pages say how to install it, and what its people are told.

Run as a program, because the package connects itself to Django for as long as a process lives. Prints one
line of JSON: for each scenario the answers, and the events of all.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django
from django.conf import settings

PASSWORD = "correct horse battery staple"


def configure(*, middleware: bool) -> None:
    """Set up the project, with or without the package's middleware."""
    settings.configure(
        SECRET_KEY="a-key-for-tests-alone:4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf9aTo",
        USE_TZ=True,
        ALLOWED_HOSTS=["testserver"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "rest_framework",
            "axes",
            "jotpass.auth",
        ],
        AUTHENTICATION_BACKENDS=[
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        MIDDLEWARE=["axes.middleware.AxesMiddleware"] if middleware else [],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF="tests.auth.http.axes_urls",
        AXES_FAILURE_LIMIT=3,
        AXES_COOLOFF_TIME=0.5,
        AXES_CLIENT_IP_CALLABLE="jotpass.auth.address.client_address",
        AXES_LOCKOUT_PARAMETERS=[["username", "ip_address"]],
        JOTPASS={"TRUSTED_PROXY_COUNT": 1},
    )
    django.setup()


def scenarios() -> dict[str, Any]:
    """Play what people and attackers do."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 (once the project is set up)
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from jotpass.auth.signals import sign_in_failed  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    get_user_model()._default_manager.create_user("vitor", password=PASSWORD)
    client, reasons = Client(), []

    def remember(event: Any, **_: object) -> None:
        reasons.append(event.reason)

    sign_in_failed.connect(remember)

    def post(path: str, body: object, address: str, **headers: str) -> Any:
        headers = {"X-Forwarded-For": address, **headers}
        return client.post(f"/api/{path}", body, content_type="application/json", headers=headers)

    def sign_in(password: str, address: str) -> Any:
        return post("token/", {"username": "vitor", "password": password}, address)

    found = {
        "guesses": [sign_in("wrong", "203.0.113.9") for _ in range(4)],
        "right, too late": [sign_in(PASSWORD, "203.0.113.9")],
        "right, elsewhere": [sign_in(PASSWORD, "203.0.113.10")],
        "success in between": [
            sign_in(password, "203.0.113.11") for password in ("wrong", "wrong", PASSWORD, "wrong")
        ],
    }
    bearer = {"Authorization": f"Bearer {found['right, elsewhere'][0].json()['access']}"}
    found["the password of a session"] = [
        post("session/reauthenticate/", {"password": "wrong"}, "203.0.113.12", **bearer) for _ in range(4)
    ]
    return {
        "answers": {
            name: [
                (answer.status_code, answer.json().get("code"), answer.headers.get("Retry-After"))
                for answer in answers
            ]
            for name, answers in found.items()
        },
        "reasons": reasons,
    }


if __name__ == "__main__":
    configure(middleware="middleware" in sys.argv)
    print(json.dumps(scenarios()))  # noqa: T201 (what the test reads)
