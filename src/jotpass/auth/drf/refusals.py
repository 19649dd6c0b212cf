"""An `AuthError` as the exceptions that DRF understands, with its status and body.

Imported by the authentication class, and so while ``rest_framework.views`` is itself being imported.
"""

from __future__ import annotations

import logging

from rest_framework import exceptions, status

from jotpass.auth import errors
from jotpass.auth.refusals import RETRY_AFTER, body_of, headers_of, status_of

logger = logging.getLogger("jotpass.drf")


class RequestTooLarge(exceptions.APIException):
    """The body is larger than the contract's requests can be."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request body is too large."
    default_code = "request_too_large"


class Refused(exceptions.APIException):
    """An `AuthError` as an exception that DRF understands, with the code in its body."""

    def __init__(self, error: errors.AuthError) -> None:
        """Take over the error's status and body."""
        self.status_code = status_of(error)
        if isinstance(error, errors.Throttled):
            self.wait = error.wait
        elif self.status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
            self.wait = RETRY_AFTER
        # DRF's handler writes it, as it does for its own exceptions.
        self.auth_header = headers_of(error).get("WWW-Authenticate")
        super().__init__(body_of(error))


class CredentialRefused(exceptions.AuthenticationFailed):
    """A `CredentialError` as the exception that makes DRF answer 401 and ask for a challenge."""

    def __init__(self, error: errors.CredentialError) -> None:
        """Take over the error's body."""
        self.refusal = error
        super().__init__(body_of(error))


class UserGone(CredentialRefused):
    """The user of a verified token has no row any more."""

    def __init__(self) -> None:
        """Say so with the code of a missing account."""
        super().__init__(errors.NoActiveAccount())


class DatabaseUnavailable(Refused):
    """The database is locked, exhausted or gone; the log says which."""

    def __init__(self, cause: Exception) -> None:
        """Keep the cause for the log: a 503 that nobody can explain helps nobody."""
        logger.error("the database did not answer", exc_info=cause)
        super().__init__(errors.ServiceUnavailable())


def as_api_exception(error: errors.AuthError) -> exceptions.APIException:
    """Return the exception that makes DRF answer with this error."""
    return CredentialRefused(error) if isinstance(error, errors.CredentialError) else Refused(error)
