"""The HTTP contract as OpenAPI says it: each operation with its headers, its answers and its error codes.

Plain data in the terms of OpenAPI 3.0, made from the settings of the moment; what publishes it is in
``schema.py``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from jotpass.auth import errors
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.cookies import PREFIXED
from jotpass.auth.drf import openapi_bodies as bodies
from jotpass.auth.drf.errors import CODES
from jotpass.auth.drf.introspection import TokenIntrospectView
from jotpass.auth.drf.views import (
    ReauthenticateView,
    SessionDetailView,
    SessionListView,
    SessionView,
    SignOutView,
    TokenRefreshView,
    TokenRevokeView,
    TokenVerifyView,
    TokenView,
)
from jotpass.auth.refusals import status_of
from jotpass.auth.transports import BY_COOKIE, TRANSPORT_HEADER, transport_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jotpass.auth.drf.openapi_bodies import Body, Schema

BEARER: Final = "jotpassBearer"
ACCESS_COOKIE: Final = "jotpassAccessCookie"
REFRESH_COOKIE: Final = "jotpassRefreshCookie"
CLIENT: Final = "jotpassClient"

SECURITY_SCHEMES: Final[Mapping[str, Schema]] = {
    BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token."},
    ACCESS_COOKIE: {"type": "apiKey", "in": "cookie", "name": PREFIXED.access},
    REFRESH_COOKIE: {"type": "apiKey", "in": "cookie", "name": PREFIXED.refresh},
    CLIENT: {"type": "http", "scheme": "basic", "description": "A service out of INTROSPECTION_CLIENTS."},
}
"""How callers say who they are."""

_TOKEN_REFUSED: Final = (
    errors.TokenMissing,
    errors.TokenMalformed,
    errors.TokenExpired,
    errors.TokenRevoked,
    errors.TokenWrongType,
    errors.TokenInvalid,
    errors.NoActiveAccount,
)
_HEADERS: Final[Mapping[str, Schema]] = {
    "Cache-Control": {"schema": {"type": "string", "enum": ["no-store"]}, "required": True},
    "WWW-Authenticate": {
        "schema": {"type": "string"},
        "required": True,
        "description": "The challenge, with the code (RFC 6750 section 3).",
    },
    "Set-Cookie": {"schema": {"type": "string"}, "description": "The tokens that do not stand in the body."},
    "Retry-After": {
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
        "required": True,
        "description": "Seconds to wait.",
    },
}
_HEADER_OF: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "WWW-Authenticate",
    HTTPStatus.TOO_MANY_REQUESTS: "Retry-After",
    HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After",
}
_DESCRIPTIONS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "The request is malformed, or asks for what is not allowed.",
    HTTPStatus.UNAUTHORIZED: "The credential is missing or refused; the code says why.",
    HTTPStatus.FORBIDDEN: "A cookie came, and no trusted page made the request.",
    HTTPStatus.NOT_FOUND: "The person has no such session.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than 64 KiB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of another type.",
    HTTPStatus.MISDIRECTED_REQUEST: "No site of this service answers to this address.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many calls.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Nobody can tell at the moment; nothing was written.",
}
_STATUS_OF: Final[Mapping[str, int]] = {code: status for status, code in CODES.items()}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one endpoint.

    Attributes:
        name: The ``operationId``.
        summary: One line.
        answer: What a success holds; None for 204.
        body: What a request holds; None where there is none.
        refusals: The errors that it may answer, beside those that its other attributes bring along.
        security: The security schemes that open it, None for no credential at all.
        many: The success is a list of answers.
        form: What a request holds that is sent as a form; None where none is understood.
        transports: The request may name a transport.
    """

    name: str
    summary: str
    answer: Body | None
    body: Body | None = None
    refusals: tuple[str | type[errors.AuthError], ...] = ()
    security: tuple[str | None, ...] = (None,)
    many: bool = False
    form: Body | None = None
    transports: bool = False

    @property
    def sets_cookies(self) -> bool:
        """Whether a success may set cookies, or clear them."""
        return self.transports and transport_policy().sets_cookies

    @property
    def codes(self) -> Mapping[int, list[str]]:
        """The error codes that it may answer, by status."""
        found: dict[int, list[str]] = defaultdict(list)
        for refusal in (*self.refusals, *self._implied):
            if isinstance(refusal, str):
                found[_STATUS_OF[refusal]].append(refusal)
            else:
                found[status_of(refusal())].append(refusal.code)
        return {status: list(dict.fromkeys(found[status])) for status in sorted(found)}

    @property
    def _implied(self) -> tuple[str | type[errors.AuthError], ...]:
        with_body = ("malformed_request", "request_too_large", "unsupported_media_type") if self.body else ()
        with_token = (*_TOKEN_REFUSED, errors.FeedStale) if BEARER in self.security else ()
        with_transport = (errors.TransportNotAllowed,) if self.transports else ()
        with_cookies = (errors.CsrfFailed,) if self._minds_cookies else ()
        with_sites = (errors.SiteUnknown,) if jotpass_settings.SITE_RESOLVER else ()
        implied = (*with_body, *with_token, *with_transport, *with_cookies, *with_sites)
        return (*implied, errors.ServiceUnavailable)

    @property
    def _minds_cookies(self) -> bool:
        by_cookie = not {ACCESS_COOKIE, REFRESH_COOKIE}.isdisjoint(self.security)
        reads = self.body is None and self.answer is not None
        return not reads and (by_cookie or self.sets_cookies)


def responses(operation: Operation, answer: Schema | None) -> Schema:
    """Return the Responses Object of an operation.

    Args:
        operation: Which.
        answer: The schema of a success, as the document refers to it.
    """
    names = ["Cache-Control", *(["Set-Cookie"] if operation.sets_cookies else [])]
    success: Schema = {"description": "Done.", "headers": {name: _HEADERS[name] for name in names}}
    if answer is not None:
        listed = {"type": "array", "items": answer} if operation.many else answer
        success["content"] = {"application/json": {"schema": listed}}
    found = {"204" if answer is None else "200": success}
    for status, codes in operation.codes.items():
        names = ["Cache-Control", *([_HEADER_OF[status]] if status in _HEADER_OF else [])]
        found[str(status)] = {
            "description": _DESCRIPTIONS[status],
            "headers": {name: _HEADERS[name] for name in names},
            "content": {"application/json": {"schema": _error(codes)}},
        }
    return found


def _error(codes: list[str]) -> Schema:
    properties: Schema = {"detail": {"type": "string"}, "code": {"type": "string", "enum": codes}}
    if "malformed_request" in codes:
        texts = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        properties["errors"] = {"type": "object", "additionalProperties": texts}
    return {
        "type": "object",
        "properties": properties,
        "required": ["detail", "code"],
        "additionalProperties": False,
    }


def transport_parameter(operation: Operation) -> Schema:
    """Return the Parameter Object of the header by which a client asks for a transport."""
    return {
        "name": TRANSPORT_HEADER,
        "in": "header",
        "required": operation.name == "sign_in" and transport_policy().default in BY_COOKIE,
        "schema": {"type": "string", "enum": list(transport_policy().allowed)},
        "description": "How the tokens travel.",
    }


def person_security() -> tuple[str, ...]:
    """Return the security schemes by which a person calls."""
    return (BEARER, ACCESS_COOKIE) if transport_policy().reads_access_cookie else (BEARER,)


def operation_of(view: type, method: str) -> Operation | None:
    """Return what a view of the contract, or one that a project made of it, does for a method."""
    known = operations()
    return next((known[kind, method] for kind in view.__mro__ if (kind, method) in known), None)


def operations() -> Mapping[tuple[type, str], Operation]:
    """Return every operation of the contract, by its view and its method."""
    pair, session = bodies.token_pair(), bodies.listed_session()
    bearer = person_security()
    anybody = (None, REFRESH_COOKIE) if transport_policy().sets_cookies else (None,)
    return {
        (TokenView, "POST"): Operation(
            "sign_in",
            "Sign in, and get a token pair.",
            pair,
            bodies.sign_in(),
            ("throttled", errors.NoActiveAccount),
            transports=True,
        ),
        (TokenRefreshView, "POST"): Operation(
            "refresh",
            "Exchange a refresh token for a new pair.",
            pair,
            bodies.refresh(),
            (errors.RefreshInvalid,),
            anybody,
            transports=True,
        ),
        (TokenVerifyView, "POST"): Operation(
            "verify_token",
            "Is this access token good, here and now?",
            bodies.NOTHING,
            bodies.ACCESS_TOKEN,
            (*_TOKEN_REFUSED[1:], errors.FeedStale),
        ),
        (TokenRevokeView, "POST"): Operation(
            "revoke_token",
            "Revoke a token of either kind (RFC 7009).",
            bodies.NOTHING,
            bodies.revocation(),
            security=anybody,
            form=bodies.ANY_TOKEN_FORM,
            transports=transport_policy().sets_cookies,
        ),
        (TokenIntrospectView, "POST"): Operation(
            "introspect_token",
            "What is this access token worth at this moment (RFC 7662)?",
            bodies.introspection(),
            bodies.ANY_TOKEN,
            (errors.InvalidClient,),
            (CLIENT,),
            form=bodies.ANY_TOKEN_FORM,
        ),
        (SignOutView, "POST"): Operation(
            "sign_out",
            "End this session, the others, or all.",
            None,
            bodies.sign_out(),
            (errors.RefreshInvalid,),
            (*bearer, *anybody),
        ),
        (SessionView, "GET"): Operation(
            "read_session",
            "Who is signed in, until when, since when.",
            bodies.current_session(),
            security=bearer,
        ),
        (ReauthenticateView, "POST"): Operation(
            "reauthenticate",
            "The password again, for a new auth_time in the same session.",
            pair,
            bodies.PASSWORD,
            ("throttled",),
            bearer,
            transports=True,
        ),
        (SessionListView, "GET"): Operation(
            "list_sessions",
            "The person's own live sessions, newest first.",
            session,
            None,
            (),
            bearer,
            many=True,
        ),
        (SessionDetailView, "PATCH"): Operation(
            "label_session",
            "Name one of the person's own sessions.",
            session,
            bodies.LABEL,
            (errors.SessionUnknown,),
            bearer,
        ),
        (SessionDetailView, "DELETE"): Operation(
            "end_session",
            "End one of the person's own sessions.",
            None,
            None,
            (errors.SessionUnknown,),
            bearer,
        ),
    }
