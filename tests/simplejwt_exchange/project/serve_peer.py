"""Does in its own environment what a test asks for: a JSON document in, one out, a line each.

It runs under the incumbent and under the drop-in alike, so it asks for nothing that only one of them has.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
import tracemalloc
from contextlib import redirect_stdout
from datetime import timedelta
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
import rest_framework_simplejwt

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402 (after the setup)
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils.timezone import now  # noqa: E402
from rest_framework_simplejwt import tokens  # noqa: E402
from rest_framework_simplejwt.state import token_backend  # noqa: E402
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken  # noqa: E402

client = Client(raise_request_exception=False)


def request(method: str, path: str, data: Any = None, bearer: str | None = None) -> dict[str, Any]:
    """Call a view; its status, body and challenge."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    body = "" if data is None else json.dumps(data)
    answer: Any = client.generic(method, path, body, "application/json", headers=headers)
    is_json = answer.get("Content-Type") == "application/json"
    return {
        "status": answer.status_code,
        "body": answer.json() if is_json else answer.content.decode(),
        "challenge": answer.get("WWW-Authenticate"),
    }


def manage(*arguments: str) -> dict[str, Any]:
    """Run a management command; what it printed, and its exit status."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            call_command(*arguments, stdout=printed)
    except SystemExit as leaving:
        return {"status": leaving.code, "printed": printed.getvalue()}
    return {"status": 0, "printed": printed.getvalue()}


def interrupt(batches: int, *arguments: str) -> int:
    """Run a management command until it has printed so many lines; how many those were."""
    lines = 0

    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            nonlocal lines
            lines += text.count("\n")
            if lines >= batches:
                raise KeyboardInterrupt
            return len(text)

    try:
        call_command(*arguments, stdout=Screen())
    except KeyboardInterrupt:
        return lines
    raise AssertionError("it was over before")


def peak_of(*arguments: str) -> int:
    """Run a management command; the most bytes that it held at once."""
    tracemalloc.start()
    try:
        call_command(*arguments, stdout=io.StringIO())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def create_user(name: str) -> int:
    """Create a superuser whose password is the name."""
    return int(User.objects.create_superuser(name, password=name).pk)


def sign_in_to_admin(name: str) -> None:
    """Give the client a session of Django's."""
    client.force_login(User.objects.get(username=name))


def enter_outstanding(count: int, lifetime: int, sample: str) -> None:
    """Enter tokens as the incumbent does, the text in clear; every second one is taken back.

    Args:
        count: How many.
        lifetime: Seconds from now.
        sample: What their texts begin with.
    """
    user, moment = User.objects.all()[0], now()
    entries = OutstandingToken.objects.bulk_create(
        OutstandingToken(
            user=user,
            jti=f"made-up-{uuid4().hex}",
            token="",
            created_at=moment,
            expires_at=moment + timedelta(seconds=lifetime),
        )
        for _ in range(count)
    )
    BlacklistedToken.objects.bulk_create(BlacklistedToken(token=entry) for entry in entries[::2])
    with connection.cursor() as cursor:
        # Past the column of the drop-in, which would write digests.
        statement = "UPDATE token_blacklist_outstandingtoken SET token = %s || jti WHERE id >= %s"
        cursor.execute(statement, [sample, entries[0].pk])


def blacklisted_sliding(name: str) -> str:
    """Make a sliding token and take it back by the Python API."""
    token = tokens.SlidingToken.for_user(User.objects.get(username=name))
    token.blacklist()
    return str(token)


def forget() -> None:
    """Empty the books."""
    OutstandingToken.objects.all().delete()


def texts() -> list[str]:
    """What the table of outstanding tokens holds."""
    return list(OutstandingToken.objects.order_by("pk").values_list("token", flat=True))


def counts() -> list[int]:
    """How many tokens are out, and how many were taken back."""
    return [OutstandingToken.objects.count(), BlacklistedToken.objects.count()]


def token_for(kind: str, name: str, ago: float = 0, **claims: Any) -> str:
    """Make a token by the Python API.

    Args:
        kind: The class's name.
        name: The user's.
        ago: By how many seconds it has expired; 0 leaves it alone.
        claims: More of them.
    """
    token: Any = getattr(tokens, kind).for_user(User.objects.get(username=name))
    for claim, value in claims.items():
        token[claim] = value
    if ago:
        token.set_exp(from_time=now() - timedelta(seconds=ago), lifetime=timedelta())
    return str(token)


def read(token: str) -> dict[str, Any]:
    """Verify a token by the Python API; its claims."""
    return dict(token_backend.decode(token))


def whose() -> list[str]:
    """Which distributions of that import name are here."""
    both = {"djangorestframework-simplejwt", "jotpass-simplejwt"}
    return sorted(both & {distribution.name.replace("_", "-") for distribution in distributions()})


def where() -> tuple[str | None, str, bool]:
    """Which version this is, the environment that it is in, and whether PyJWT is there, too."""
    file = Path(rest_framework_simplejwt.__file__)
    assert file.is_relative_to(sys.prefix)
    return rest_framework_simplejwt.__version__, sys.prefix, find_spec("jwt") is not None


for line in sys.stdin:
    name, positional, keywords = json.loads(line)
    answer: dict[str, Any]
    try:
        answer = {"returned": globals()[name](*positional, **keywords)}
    except Exception:  # noqa: BLE001 (the test is told)
        answer = {"raised": traceback.format_exc()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
