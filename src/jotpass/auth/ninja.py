"""Django Ninja: ``NinjaAPI(auth=JWTAuth())``, for sync and async operations alike.

The extra ``jotpass[ninja]`` brings what this room imports.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ninja.errors import AuthenticationError, HttpError
from ninja.security.base import AuthBase

from jotpass.auth import errors
from jotpass.auth.caller import acaller_of, caller_of, tell
from jotpass.auth.refusals import refusal_response, status_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from django.http import HttpRequest, HttpResponse
    from ninja import NinjaAPI

    from jotpass.auth.access_tokens import AccessToken
    from jotpass.auth.caller import Caller


class Refused(HttpError):
    """An `AuthError` as an exception that Ninja answers by itself; `answer_in_one_shape` does it better."""

    def __init__(self, error: errors.AuthError) -> None:
        """Take over the error's status and sentence."""
        self.error = error
        super().__init__(status_of(error), error.detail)


class UserGone(Refused):
    """The user of a verified token has no row any more."""

    def __init__(self) -> None:
        """Say so with the code of a missing account."""
        super().__init__(errors.NoActiveAccount())


class JWTAuth(AuthBase):
    """Authenticate an operation by its access token.

    ``request.user`` is the user, and ``request.auth`` the verified `AccessToken`. In async operations
    ``await request.auser()`` reads the user. Without a token, the next of several authenticators is asked.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "JWT"  # noqa: N815 - the name that OpenAPI gives it

    def __init__(self) -> None:
        """Say to Ninja that an async operation may await the answer."""
        super().__init__()
        self.is_async = True

    def __call__(self, request: HttpRequest) -> AccessToken | Awaitable[AccessToken | None] | None:
        """Return the token; in the event loop, something to await for it.

        Raises:
            Refused: The token is refused.
        """
        if _is_in_event_loop():
            return self._aanswer(request)
        return _admit(request, caller_of(request, missing_user=UserGone))

    async def _aanswer(self, request: HttpRequest) -> AccessToken | None:
        return _admit(request, await acaller_of(request, missing_user=UserGone))


def answer_in_one_shape(api: NinjaAPI) -> None:
    """Have an API answer refused tokens, and errors of ours in its operations, as the HTTP contract does.

    The body is ``{"detail", "code"}``, and a 401 has its ``WWW-Authenticate``.
    """
    api.add_exception_handler(Refused, _on_refused)
    api.add_exception_handler(errors.AuthError, _on_error)
    api.add_exception_handler(AuthenticationError, _on_missing)


def _on_refused(request: HttpRequest, exc: Any) -> HttpResponse:
    return refusal_response(exc.error)


def _on_error(request: HttpRequest, exc: Any) -> HttpResponse:
    return refusal_response(exc)


def _on_missing(request: HttpRequest, exc: Any) -> HttpResponse:
    return refusal_response(errors.TokenMissing())


def _admit(request: HttpRequest, caller: Caller) -> AccessToken | None:
    if isinstance(caller.refusal, errors.TokenMissing):
        return None
    if caller.refusal is not None:
        raise Refused(caller.refusal)
    tell(request, caller)
    return caller.access_token


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
