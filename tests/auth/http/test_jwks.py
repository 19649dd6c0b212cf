"""GET /.well-known/jwks.json: the public keys, of which HS256 has none."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from jotpass.auth.well_known import jwks


def test_symmetric_keys_are_not_published() -> None:
    """Under HS256 the set is empty, and its media type that of a JWK Set (RFC 7517 s8.5.2)."""
    answer = Client().get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert json.loads(answer.content) == {"keys": []}


def test_no_database_is_asked(settings: Any) -> None:
    """Publishing keys that nobody stored opens no transaction, whatever ATOMIC_REQUESTS says."""
    assert jwks._non_atomic_requests == set(settings.DATABASES)  # type: ignore[attr-defined]


def test_it_is_read_only() -> None:
    """HEAD works; anything else is 405 in the one shape, and never asks for a CSRF token first."""
    client = Client(enforce_csrf_checks=True)
    assert client.head("/.well-known/jwks.json").status_code == 200
    answer = client.post("/.well-known/jwks.json")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert json.loads(answer.content)["code"] == "method_not_allowed"
