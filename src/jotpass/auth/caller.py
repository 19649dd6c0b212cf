"""Who sent a Django request, by its access token: found out once for each."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils.cache import patch_vary_headers

from jotpass.auth import errors
from jotpass.auth.asynchronous import aauthenticate_request, aload_user
from jotpass.auth.authentication import authenticate_request
from jotpass.auth.database_away import DATABASE_AWAY
from jotpass.auth.transports import transport_policy

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from jotpass.auth.access_tokens import AccessToken
    from jotpass.auth.authentication import Authenticated

logger = logging.getLogger("jotpass.caller")

_NOTE: Final = "_jotpass_caller"
_BY_HEADER: Final = ("Authorization",)
_BY_HEADER_OR_COOKIE: Final = (*_BY_HEADER, "Cookie")


class Caller(NamedTuple):
    """Who sent a request.

    Attributes:
        user: The user, anonymous unless a token was accepted.
        access_token: The verified token, None without one.
        refusal: Why there is none.
    """

    user: Any
    access_token: AccessToken | None
    refusal: errors.AuthError | None


def caller_of(request: HttpRequest, *, missing_user: type[Exception] = errors.NoActiveAccount) -> Caller:
    """Find out who sent a request; what `authenticate_request` raises is the caller's ``refusal``."""
    caller: Caller | None = getattr(request, _NOTE, None)
    if caller is None:
        try:
            caller = _found(authenticate_request(request, missing_user=missing_user))
        except (errors.AuthError, *DATABASE_AWAY) as error:
            caller = _refused(error)
        setattr(request, _NOTE, caller)
    return caller


async def acaller_of(
    request: HttpRequest, *, missing_user: type[Exception] = errors.NoActiveAccount
) -> Caller:
    """Find out who sent a request: `caller_of` for async code."""
    caller: Caller | None = getattr(request, _NOTE, None)
    if caller is None:
        try:
            caller = _found(await aauthenticate_request(request, missing_user=missing_user))
        except (errors.AuthError, *DATABASE_AWAY) as error:
            caller = _refused(error)
        setattr(request, _NOTE, caller)
    return caller


def _found(authenticated: Authenticated | None) -> Caller:
    if authenticated is None:
        return Caller(AnonymousUser(), None, errors.TokenMissing())
    return Caller(*authenticated, None)


def _refused(error: Exception) -> Caller:
    if isinstance(error, errors.AuthError):
        return Caller(AnonymousUser(), None, error)
    logger.error("the database did not answer", exc_info=error)
    return Caller(AnonymousUser(), None, errors.ServiceUnavailable())


def tell(request: Any, caller: Caller) -> None:
    """Say on a request who sent it: ``user``, ``auser()``, ``auth`` and ``auth_error``."""
    request.user = caller.user
    request.auser = partial(_user_of, caller)
    request.auth = caller.access_token
    request.auth_error = caller.refusal


async def _user_of(caller: Caller) -> Any:
    return caller.user if caller.access_token is None else await aload_user(caller.user)


def vary(response: HttpResponseBase) -> None:
    """Say that the answer is for this caller alone, to whoever keeps it (RFC 9110 s12.5.5)."""
    patch_vary_headers(response, headers_of_caller())


def headers_of_caller() -> tuple[str, ...]:
    """Return the headers that say who sent a request, for ``Vary``."""
    return _BY_HEADER_OR_COOKIE if transport_policy().reads_access_cookie else _BY_HEADER
