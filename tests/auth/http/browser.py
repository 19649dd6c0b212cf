"""A browser as the endpoints see one: it keeps cookies as browsers do and says where its page is from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from django.test import Client

from jotpass.auth.models import Session, TokenFamily
from tests.auth.http.contract import JSON, PASSWORD, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

HEADER: Final = "X-Jotpass-Transport"
REFRESH: Final = "__Host-Http-jotpass_refresh"
ACCESS: Final = "__Host-Http-jotpass_access"
SAME_ORIGIN: Final = {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"}


ALL: Final = ["body", "hybrid", "cookie"]
IN_JSON: Final = {"hybrid": {"access", "expires_in"}, "cookie": {"expires_in"}}
IN_COOKIES: Final = {"hybrid": {REFRESH}, "cookie": {REFRESH, ACCESS}}


class Browser:
    """A page of our own origin over https, which asks for one transport."""

    def __init__(self, transport: str | None) -> None:
        self.transport = transport
        self._client = Client()

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser keeps: a cookie that has ended is gone."""
        jar = self._client.cookies
        return {name: cookie.value for name, cookie in jar.items() if cookie["max-age"] != 0}

    def keep(self, **cookies: str) -> None:
        """Put cookies into the jar."""
        for name, value in cookies.items():
            self._client.cookies[name] = value

    def forget(self, name: str) -> None:
        """Take a cookie out of the jar."""
        del self._client.cookies[name]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        content_type: str = JSON,
    ) -> HttpResponse:
        """Make a request; of `headers`, None takes away one that this browser would send."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = SAME_ORIGIN | {HEADER: self.transport, "Cookie": self._cookie_header()} | dict(headers or {})
        answer = Client().generic(
            method,
            path if path.startswith("/") else f"/api/{path}",
            content,
            content_type,
            secure=True,
            headers={name: value for name, value in sent.items() if value is not None},
        )
        self._client.cookies.update(answer.cookies)
        return cast("HttpResponse", answer)

    def post(self, path: str, body: object = None, **options: Any) -> HttpResponse:
        """Make a POST request."""
        return self.call("POST", path, body, **options)

    def get(self, path: str, **options: Any) -> HttpResponse:
        """Make a GET request."""
        return self.call("GET", path, **options)

    def sign_in(self, person: Any, **options: Any) -> HttpResponse:
        """Sign a person in."""
        return self.post("token/", {"username": person.get_username(), "password": PASSWORD}, **options)

    def refresh(self, body: object = None, **options: Any) -> HttpResponse:
        """Exchange the refresh token that the cookie holds."""
        return self.post("token/refresh/", body, **options)

    def check_carried(self, answer: Any) -> None:
        """The answer of a pair: only what the transport puts into JSON, the rest in cookies."""
        assert answer.status_code == 200, answer.content
        assert self.transport is not None
        assert set(read(answer)) == IN_JSON[self.transport]
        assert set(answer.cookies) == IN_COOKIES[self.transport]
        assert answer["Cache-Control"] == "no-store"
        for cookie in answer.cookies.values():
            assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
            assert (cookie["path"], cookie["domain"]) == ("/", "")

    def _cookie_header(self) -> str | None:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items()) or None


def generation() -> int:
    """How often the one family was refreshed."""
    return TokenFamily.objects.get().generation


def is_live() -> bool:
    """Whether the one session is."""
    return Session.objects.get().revoked_at is None and TokenFamily.objects.get().revoked_at is None
