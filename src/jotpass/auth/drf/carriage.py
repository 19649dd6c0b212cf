"""How a request of the contract presents a refresh token, and how an answer carries a pair: JSON or cookies.

A session keeps the transport that it began with. A request that says one thing and does another is refused
before anything is read of its token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from django.views.decorators.debug import sensitive_variables
from rest_framework.response import Response

from jotpass.auth import errors
from jotpass.auth.cookies import LOOPBACK, refresh_cookie, set_token_cookies
from jotpass.auth.csrf import check_csrf
from jotpass.auth.drf import serializers
from jotpass.auth.transports import BODY, BY_COOKIE, TRANSPORT_HEADER, transport_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from jotpass.auth.drf.contract_view import ContractView
    from jotpass.auth.token_pair import TokenPair


@dataclass(frozen=True, slots=True)
class PresentedRefreshToken:
    """A refresh token and how it came."""

    token: str = field(repr=False)
    transport: str

    @property
    def by_cookie(self) -> bool:
        """Whether the browser sent it."""
        return self.transport in BY_COOKIE


def asked_transport(request: Request) -> str | None:
    """Return the transport that a request asks for, None when it does not say.

    Raises:
        TransportNotAllowed: The project does not allow it.
    """
    asked = request.headers.get(TRANSPORT_HEADER)
    if asked is not None and asked not in transport_policy().allowed:
        raise errors.TransportNotAllowed
    return asked


def sign_in_transport(request: Request) -> str:
    """Return the transport of a session that begins with this request.

    Raises:
        TransportNotAllowed: The project does not allow it.
        CsrfFailed: It would set cookies, and no trusted page asked for them by name: else a page elsewhere
            could sign its visitors in as somebody else.
    """
    asked = asked_transport(request)
    transport = transport_policy().default if asked is None else asked
    if transport in BY_COOKIE:
        if asked is None:
            raise errors.CsrfFailed
        check_csrf(request)
    return transport


def reauthentication_transport(request: Request) -> str:
    """Return how a person who is signed in says that the session's tokens travel.

    Raises:
        TransportNotAllowed: The project does not allow it.
        CsrfFailed: Cookies are involved, and no trusted page asked for them by name.
    """
    asked = asked_transport(request)
    if asked is None and "Authorization" not in request.headers:
        raise errors.CsrfFailed
    if asked in BY_COOKIE:
        check_csrf(request)
    return asked or BODY


@sensitive_variables()
def presented_refresh_token(view: ContractView) -> PresentedRefreshToken:
    """Take the refresh token of an exchange out of the body, or out of its cookie where the header says so.

    Raises:
        TransportNotAllowed: The header contradicts where the token is, or the project does not allow it.
        CsrfFailed: It came by cookie without the header, or no trusted page made the request.
        RefreshInvalid: The cookie did not come, or several did.
        ValidationError: There is no token.
    """
    request = view.request
    asked = asked_transport(request)
    if asked in BY_COOKIE:
        check_csrf(request)
        if _body(request).get("refresh"):
            raise errors.TransportNotAllowed
        token = refresh_token_of_cookie(request)
        if token is None:
            raise errors.RefreshInvalid
        return PresentedRefreshToken(token, str(asked))
    token = _body(request).get("refresh")
    if token is None and "refresh" not in _body(request) and cookie_came(request):
        raise errors.CsrfFailed if asked is None else errors.TransportNotAllowed
    if type(token) is not str or not token:
        # It says what is wrong. A good one is taken without it, which would copy its fields first.
        token = view.read(serializers.RefreshRequest)["refresh"]
    if BODY not in transport_policy().allowed:
        raise errors.RefreshInvalid
    return PresentedRefreshToken(token, BODY)


@sensitive_variables()
def carried(pair: TokenPair, request: Request) -> Response:
    """Answer a pair as its session's transport says."""
    response = Response(pair.json)
    set_token_cookies(response, pair, request)
    return response


@sensitive_variables()
def refresh_token_of_cookie(request: Request) -> str | None:
    """Return the refresh token that came by cookie, None when none came, or several did."""
    try:
        return refresh_cookie(request)
    except errors.TokenMalformed:
        return None


def cookie_came(request: Request) -> bool:
    """Whether the browser sent a refresh token, good or bad, that the project may have set."""
    return transport_policy().sets_cookies and LOOPBACK.refresh in request.META.get("HTTP_COOKIE", "")


def any_cookie_came(request: Request) -> bool:
    """Whether the browser sent either token, good or bad, by a cookie that the project may have set."""
    header = request.META.get("HTTP_COOKIE", "")
    return transport_policy().sets_cookies and (LOOPBACK.refresh in header or LOOPBACK.access in header)


def _body(request: Request) -> Mapping[str, Any]:
    # Our parsers read objects alone.
    return cast("Mapping[str, Any]", request.data)
