"""What HTTP makes of an exception: the one room that turns it into a status, a body and headers.

Every error of the contract has the body ``{"detail", "code"}``, and ``errors: {field: [..]}`` beside them
where single fields of a request are at fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as stock_exception_handler

from jotpass.auth import errors
from jotpass.auth.database_away import DATABASE_AWAY
from jotpass.auth.drf.refusals import DatabaseUnavailable, RequestTooLarge, as_api_exception
from jotpass.auth.refusals import RETRY_AFTER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CODES: Final[Mapping[int, str]] = {
    status.HTTP_400_BAD_REQUEST: "malformed_request",
    status.HTTP_405_METHOD_NOT_ALLOWED: "method_not_allowed",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "request_too_large",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    status.HTTP_429_TOO_MANY_REQUESTS: "throttled",
}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer as DRF's stock handler does, with the ``code`` beside ``detail``: an EXCEPTION_HANDLER.

    Validation errors of the project keep the shape that they have.
    """
    response = stock_exception_handler(exc, context)
    if response is not None and isinstance(response.data, dict) and set(response.data) == {"detail"}:
        missing = isinstance(exc, exceptions.NotAuthenticated)
        response.data["code"] = (
            errors.TokenMissing.code if missing else getattr(response.data["detail"], "code", "error")
        )
    return response


def contract_response(exc: Exception) -> Response | None:
    """Answer an exception in one of our own views, in the one shape; None for a mistake of the program.

    Writes no rollback: what a verdict has written stays written.
    """
    if isinstance(exc, errors.AuthError):
        exc = as_api_exception(exc)
    elif isinstance(exc, DATABASE_AWAY):
        exc = DatabaseUnavailable(exc)
    elif isinstance(exc, RequestDataTooBig):
        exc = RequestTooLarge()
    elif isinstance(exc, UnreadablePostError):
        exc = exceptions.ParseError("The request body could not be read.")
    elif isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if not isinstance(exc, exceptions.APIException):
        return None
    response = Response(_shaped(exc), status=exc.status_code)
    for name, value in _headers(exc):
        response[name] = value
    return response


def _headers(exc: exceptions.APIException) -> Iterator[tuple[str, str]]:
    if challenge := getattr(exc, "auth_header", None):
        yield "WWW-Authenticate", challenge
    wait = getattr(exc, "wait", None)
    if wait is None and isinstance(exc, exceptions.Throttled):
        # A throttle need not know how long.
        wait = RETRY_AFTER
    if wait is not None:
        yield "Retry-After", str(int(wait))


def _shaped(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        fields = exc.detail if isinstance(exc.detail, dict) else {"non_field_errors": exc.detail}
        return {"detail": "The request is malformed.", "code": "malformed_request", "errors": fields}
    if isinstance(exc.detail, dict) and "code" in exc.detail:
        return exc.detail
    return {"detail": exc.detail, "code": CODES.get(exc.status_code, exc.default_code)}
