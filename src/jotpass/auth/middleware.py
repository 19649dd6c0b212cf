"""The middleware: whoever sent an access token is ``request.user`` of every Django view, sync or async.

It refuses nobody. As an ended session does, a refused token leaves an anonymous user, and
``request.auth_error`` says why: a page that asks nobody to sign in, and the endpoint that refreshes, must not
break because an old token came along. What refuses is ``@jwt_required``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings

from jotpass.auth import errors
from jotpass.auth.caller import acaller_of, caller_of, tell, vary
from jotpass.auth.refusals import refusal_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponse

    from jotpass.auth.caller import Caller


class JWTAuthenticationMiddleware:
    """Take the user of a request from its access token; without one, leave the user of the Django session.

    It belongs below ``django.contrib.auth.middleware.AuthenticationMiddleware``.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[..., Any]) -> None:
        """Take the mode of what it wraps."""
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Find out who sent the request, and go on."""
        if self._is_async:
            return self._acall(request)
        caller = caller_of(request)
        in_doubt = _may_be_of_session(request, caller)
        _introduce(request, caller, of_session=in_doubt and request.user.is_authenticated)
        response: HttpResponse = self.get_response(request)
        vary(response)
        return response

    async def _acall(self, request: HttpRequest) -> HttpResponse:
        caller = await acaller_of(request)
        in_doubt = _may_be_of_session(request, caller)
        _introduce(request, caller, of_session=in_doubt and (await request.auser()).is_authenticated)
        response: HttpResponse = await self.get_response(request)
        vary(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an error of ours that a view did not catch: the user of a good token may be gone."""
        return refusal_response(exception) if isinstance(exception, errors.AuthError) else None


def _may_be_of_session(request: HttpRequest, caller: Caller) -> bool:
    """Whether a cookie of ours came and one of a Django session: who signed in to the admin stays there."""
    return (
        not isinstance(caller.refusal, errors.TokenMissing)
        and "HTTP_AUTHORIZATION" not in request.META
        and settings.SESSION_COOKIE_NAME in request.COOKIES
        and hasattr(request, "user")
    )


def _introduce(request: Any, caller: Caller, *, of_session: bool) -> None:
    if not of_session and not isinstance(caller.refusal, errors.TokenMissing):
        tell(request, caller)
        # No other site can make a browser send this header (RFC 6750 s5.3); a cookie it can.
        if caller.access_token is not None and "HTTP_AUTHORIZATION" in request.META:
            request._dont_enforce_csrf_checks = True  # noqa: SLF001 - as DRF does
        return
    if not hasattr(request, "user"):
        tell(request, caller)
    request.auth = request.auth_error = None
