"""Answers at the edge: what Django would say in HTML, in the one error shape of the API.

Below `/api/` (and `/.well-known/`) every error is `{"detail", "code"}`; elsewhere it is one plain line. A
database or cache that is locked, exhausted or gone is 503 `service_unavailable` on every path: Django calls
`handler500` for whatever escapes a view, a middleware or a template, while that exception is being handled.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from jotpass.auth.database_away import DATABASE_AWAY

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

UNAVAILABLE = (*DATABASE_AWAY, RedisConnectionError, RedisTimeoutError)
RETRY_AFTER_SECONDS = 2

_API_PREFIXES = ("/api/", "/.well-known/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400, or 413 for a body above Django's limit (Django's `handler400`)."""
    if isinstance(exception, RequestDataTooBig):
        return answer(
            request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request_too_large", "The request is too large."
        )
    return answer(request, HTTPStatus.BAD_REQUEST, "malformed_request", "The request is malformed.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 403 (Django's `handler403`)."""
    return answer(request, HTTPStatus.FORBIDDEN, "permission_denied", "You may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer 403 for a form without its token (Django's CSRF_FAILURE_VIEW)."""
    return answer(
        request, HTTPStatus.FORBIDDEN, "csrf_failed", "The CSRF check failed: reload the page, try again."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404 (Django's `handler404`)."""
    return answer(request, HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 503 for a store that is away, 500 for everything else (Django's `handler500`)."""
    if isinstance(sys.exception(), UNAVAILABLE):
        detail = "The service is not available right now. Try again in a moment."
        response = answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "service_unavailable", detail)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    detail = "Something went wrong on our side."
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", detail)


def answer(request: HttpRequest, status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    """Give an error in the shape of the API, or as a line of text beside it."""
    response: HttpResponse
    if request.path_info.startswith(_API_PREFIXES):
        response = JsonResponse({"detail": detail, "code": code}, status=status)
    else:
        response = HttpResponse(
            f"{status.value} {detail}\n", status=status, content_type="text/plain; charset=utf-8"
        )
    response["Cache-Control"] = "no-store"
    return response
