"""What HTTP makes of an `AuthError`, whatever the framework: status, body and headers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import JsonResponse

from jotpass.auth import errors
from jotpass.auth.bearer import challenge, demand, quoted
from jotpass.auth.conf import jotpass_settings

RETRY_AFTER: Final = 1
"""Seconds after which a 503 is worth another try."""

_STATUSES: Final[tuple[tuple[type[errors.AuthError], HTTPStatus], ...]] = (
    (errors.CredentialError, HTTPStatus.UNAUTHORIZED),
    (errors.InsufficientScope, HTTPStatus.FORBIDDEN),
    (errors.ReauthenticationRequired, HTTPStatus.UNAUTHORIZED),
    (errors.InvalidClient, HTTPStatus.UNAUTHORIZED),
    (errors.TransportNotAllowed, HTTPStatus.BAD_REQUEST),
    (errors.CsrfFailed, HTTPStatus.FORBIDDEN),
    (errors.SessionUnknown, HTTPStatus.NOT_FOUND),
    (errors.Throttled, HTTPStatus.TOO_MANY_REQUESTS),
    (errors.SiteUnknown, HTTPStatus.MISDIRECTED_REQUEST),
    (errors.FeedStale, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.ServiceUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)


def status_of(error: errors.AuthError) -> int:
    """Return the HTTP status of an error."""
    return next(int(status) for kind, status in _STATUSES if isinstance(error, kind))


def body_of(error: errors.AuthError) -> dict[str, str]:
    """Return the body of an error."""
    return {"detail": error.detail, "code": error.code}


def headers_of(error: errors.AuthError) -> dict[str, str]:
    """Return the headers of an error: the challenge (RFC 6750 s3), Retry-After of a 429 or 503."""
    if isinstance(error, errors.CredentialError):
        credential_came = not isinstance(error, errors.TokenMissing)
        return {"WWW-Authenticate": challenge(jotpass_settings.REALM, error, credential_came=credential_came)}
    if isinstance(error, errors.InsufficientAuthorization):
        return {"WWW-Authenticate": demand(jotpass_settings.REALM, error)}
    if isinstance(error, errors.InvalidClient):
        return {"WWW-Authenticate": f'Basic realm="{quoted(jotpass_settings.REALM)}", charset="UTF-8"'}
    if isinstance(error, errors.Throttled):
        return {"Retry-After": str(error.wait)}
    if status_of(error) == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER)}
    return {}


def refusal_response(error: errors.AuthError) -> JsonResponse:
    """Answer an error in the one shape, outside of DRF; nobody may store the answer."""
    headers = headers_of(error) | {"Cache-Control": "no-store"}
    return JsonResponse(body_of(error), status=status_of(error), headers=headers)
