"""A client of the HTTP contract, and what every answer of the contract has in common."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpResponse

PASSWORD: Final = "correct horse battery staple"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

CODES: Final = {
    "token_missing": 401,
    "token_malformed": 401,
    "token_expired": 401,
    "token_revoked": 401,
    "token_wrong_type": 401,
    "token_invalid": 401,
    "refresh_invalid": 401,
    "no_active_account": 401,
    "invalid_client": 401,
    "malformed_request": 400,
    "transport_not_allowed": 400,
    "csrf_failed": 403,
    "session_unknown": 404,
    "site_unknown": 421,
    "method_not_allowed": 405,
    "request_too_large": 413,
    "unsupported_media_type": 415,
    "throttled": 429,
    "feed_stale": 503,
    "service_unavailable": 503,
}
"""Every code that the endpoints may answer, with the one status that it has."""

OPEN_POSTS: Final = ("token/", "token/refresh/", "token/verify/", "token/revoke/", "logout/")
SIGNED_IN: Final = (
    ("GET", "session/"),
    ("POST", "session/reauthenticate/"),
    ("GET", "sessions/"),
    ("PATCH", "sessions/00000000-0000-7000-8000-000000000000/"),
    ("DELETE", "sessions/00000000-0000-7000-8000-000000000000/"),
)


class Api:
    """Calls the endpoints below `/api/` through Django's handler; a mistake of the program raises here."""

    def __init__(self) -> None:
        self._client = Client()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        bearer: str | None = None,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Make a request; `body` is sent as JSON unless it is bytes, and not at all when it is None."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = dict(headers or {})
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        where = path if path.startswith("/") else f"/api/{path}"
        return cast("HttpResponse", self._client.generic(method, where, content, content_type, headers=sent))

    def post(self, path: str, body: object = None, **options: Any) -> HttpResponse:
        """Make a POST request."""
        return self.call("POST", path, body, **options)

    def get(self, path: str, **options: Any) -> HttpResponse:
        """Make a GET request."""
        return self.call("GET", path, **options)

    def sign_in(self, person: Any, **fields: object) -> dict[str, Any]:
        """Sign a person in; the token pair."""
        answer = self.post("token/", {"username": person.get_username(), "password": PASSWORD} | fields)
        assert answer.status_code == 200, answer.content
        return cast("dict[str, Any]", read(answer))

    def refresh(self, pair: Mapping[str, Any]) -> dict[str, Any]:
        """Exchange the refresh token of a pair; the new pair."""
        answer = self.post("token/refresh/", {"refresh": pair["refresh"]})
        assert answer.status_code == 200, answer.content
        return cast("dict[str, Any]", read(answer))

    def is_live(self, pair: Mapping[str, Any]) -> bool:
        """Whether the access token of a pair opens the project's protected view."""
        status = self.get("/whoami/", bearer=pair["access"]).status_code
        assert status in {200, 401}
        return status == 200


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written inside: an example of a property leaves nothing for the next to wade through."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def create_person(name: str = "vitor@example.org", **fields: Any) -> Any:
    """A person who may sign in with `PASSWORD`, whatever the user model calls its people."""
    user_model: Any = get_user_model()
    return user_model.objects.create_user(**{user_model.USERNAME_FIELD: name}, password=PASSWORD, **fields)


def read(answer: HttpResponse) -> Any:
    """The body of an answer, which is JSON and says so."""
    assert answer["Content-Type"] == JSON
    return json.loads(answer.content)


def check_refusal(answer: HttpResponse, code: str | None = None) -> dict[str, Any]:
    """Check that an answer is an error in the one shape, with this code if given; its body."""
    body: dict[str, Any] = read(answer)
    assert {"detail", "code"} <= body.keys() <= {"detail", "code", "errors"}, body
    assert isinstance(body["detail"], str)
    assert body["detail"]
    if code is not None:
        assert body["code"] == code, body
    assert CODES[body["code"]] == answer.status_code, body
    assert answer["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer) is (answer.status_code == 401)
    assert ("Retry-After" in answer) is (answer.status_code in {429, 503})
    if "errors" in body:
        assert body["code"] == "malformed_request"
        for field, messages in body["errors"].items():
            assert isinstance(field, str)
            assert messages
            assert all(isinstance(message, str) for message in messages)
    return body


def check_challenge(answer: HttpResponse, code: str, *, credential_came: bool) -> None:
    """Check the challenge of a 401: an error is named only where a bearer token came (RFC 6750 s3)."""
    check_refusal(answer, code)
    challenge = answer["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="api"')
    assert ('error="invalid_token"' in challenge) is credential_came
    assert f'code="{code}"' in challenge
