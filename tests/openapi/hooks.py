"""What schemathesis does beside drawing values: sign in, and now and then send what is alive.

Loaded by its command line (SCHEMATHESIS_HOOKS). Values that nobody could draw, such as a live refresh token,
are put into cases that are right in all else, so that the answers to those are looked at, too.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import time
import urllib.request
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis

from tests.openapi.site import CLIENT, CLIENT_SECRET, LEAVES, PASSWORD, STAYS

TOKEN_SECONDS = 60
_TURNS = count()
ORIGIN = os.environ.get("OPENAPI_ORIGIN", "")


def sign_in(username: str = STAYS) -> dict[str, Any]:
    """A new session's token pair."""
    body = json.dumps({"username": username, "password": PASSWORD}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{ORIGIN}/api/token/", body, headers)  # noqa: S310 - on this machine
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        pair: dict[str, Any] = json.load(answer)
        return pair


@functools.cache
def _lasting(_: int) -> dict[str, Any]:
    return sign_in()


def lasting() -> dict[str, Any]:
    """A token pair that others use, too."""
    return _lasting(int(time.monotonic() // TOKEN_SECONDS))


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """The service's own for introspection, a token for the rest; one that is used up for signing out."""

    def get(self, case: Any, context: Any) -> str:
        """Return the Authorization header."""
        name = case.operation.definition.raw["operationId"]
        if name == "introspect_token":
            return "Basic " + base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        return f"Bearer {(sign_in(LEAVES) if name == 'sign_out' else lasting())['access']}"

    def set(self, case: Any, header: str, context: Any) -> None:
        """Send it."""
        case.headers["Authorization"] = header


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """In every other right case, send what is alive."""
    if case.meta is None or not case.meta.generation.mode.is_positive or next(_TURNS) % 2:
        return
    name = case.operation.definition.raw["operationId"]
    if name == "sign_in":
        case.body |= {"username": STAYS, "password": PASSWORD}
    elif name == "refresh":
        case.body["refresh"] = sign_in()["refresh"]
    elif name in {"verify_token", "introspect_token", "revoke_token"}:
        case.body["token"] = sign_in()["access"]
    elif name == "reauthenticate":
        case.body["password"] = PASSWORD
    elif name in {"label_session", "end_session"}:
        payload = sign_in()["access"].split(".")[1]
        case.path_parameters["sid"] = json.loads(base64.urlsafe_b64decode(payload + "=="))["sid"]


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Note what was answered, for the test to look at."""
    with Path(os.environ["OPENAPI_SEEN"]).open("a") as seen:
        seen.write(f"{case.operation.definition.raw['operationId']} {response.status_code}\n")
    if b'"token_revoked"' in response.content:
        # Some case found the session in a list, or a token of it in an answer, and has ended it.
        _lasting.cache_clear()
