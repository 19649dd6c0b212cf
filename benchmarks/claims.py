"""The Claims Sets that are signed and verified."""

from __future__ import annotations

import time
import uuid
from typing import Any

from benchmarks.peers import AUDIENCE, ISSUER


def small() -> dict[str, Any]:
    """The four claims that nearly every token has."""
    return {"iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 3600, "sub": "1042"}


def access_token() -> dict[str, Any]:
    """The claims of an access token as Jotpass issues it (RFC 9068)."""
    now = int(time.time())
    return {
        "iss": ISSUER,
        "sub": "1042",
        "aud": AUDIENCE,
        "exp": now + 3600,
        "iat": now,
        "jti": "q0bYb8yX0yqf0lMZt2Yx9A",
        "client_id": "first-party",
        "sid": str(uuid.uuid4()),
        "fid": str(uuid.uuid4()),
        "auth_time": now,
    }


def with_roles(count: int) -> dict[str, Any]:
    """An access token with an array of strings in it."""
    return access_token() | {"roles": [f"department-{number}:editor" for number in range(count)]}


def with_text(size: int) -> dict[str, Any]:
    """An access token with one long string in it, of so many bytes."""
    return access_token() | {"text": "x" * size}
