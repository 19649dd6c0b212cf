"""The DRF authentication class: a bearer access token becomes ``request.user`` and ``request.auth``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException

from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken
from jotpass.auth.authentication import authenticate_request
from jotpass.auth.bearer import challenge
from jotpass.auth.caller import headers_of_caller
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.database_away import DATABASE_AWAY
from jotpass.auth.drf.refusals import DatabaseUnavailable, UserGone, as_api_exception

if TYPE_CHECKING:
    from rest_framework.request import Request

_REFUSAL: Final = "_jotpass_refusal"


class JWTAuthentication(BaseAuthentication):
    """Authenticate by ``Authorization: Bearer <access token>`` (RFC 6750 s2.1).

    ``request.user`` is the user, read from the database at the first use of anything but its primary key;
    ``request.auth`` is the verified `AccessToken`. Where the transport ``cookie`` is allowed, the token may
    come by cookie. The answer says ``Vary``, so that no cache gives it to somebody else.
    """

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Return the user and the token, or None when no bearer token came.

        Raises:
            AuthenticationFailed: The token is refused; the body has a ``code``.
            APIException: 503, when nobody can tell whether it was revoked.
        """
        _vary(request)
        try:
            return authenticate_request(request, missing_user=UserGone)
        except errors.AuthError as error:
            setattr(request, _REFUSAL, error)
            raise as_api_exception(error) from None
        except DATABASE_AWAY as error:
            raise DatabaseUnavailable(error) from error

    def authenticate_header(self, request: Request) -> str:
        """Write the challenge of a 401 (RFC 6750 s3)."""
        refusal = getattr(request, _REFUSAL, None)
        if refusal is None and isinstance(getattr(request, "_auth", None), AccessToken):
            # The token was good; its user turned out to be gone.
            refusal = errors.NoActiveAccount()
        if isinstance(refusal, errors.CredentialError):
            return challenge(jotpass_settings.REALM, refusal, credential_came=True)
        return challenge(jotpass_settings.REALM, errors.TokenMissing(), credential_came=False)


def _vary(request: Request) -> None:
    """Say that the answer is for this caller alone: DRF adds the headers of a view to what it answers."""
    view = (request.parser_context or {}).get("view")
    headers = getattr(view, "headers", None)
    if headers is not None:
        own = headers.get("Vary")
        headers["Vary"] = ", ".join((*([own] if own else ()), *headers_of_caller()))


class OptionalJWTAuthentication(JWTAuthentication):
    """`JWTAuthentication` for public views: whoever cannot be authenticated is anonymous, not refused.

    That is so whatever the reason: the token expired, was revoked or is nonsense, its cookie came from a page
    of somebody else, or nobody can tell at the moment because the database is away. A view that lets only
    some in still answers 401 to the others, and its challenge says what was wrong with the token.
    """

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Return the user and the token, or None when no good one came."""
        try:
            return super().authenticate(request)
        except APIException:
            return None
