"""The cookies that carry tokens: their names, how they are read, set and cleared (RFC 10017 s6.1.3.2).

``__Host-Http-`` makes the browser itself refuse a cookie of that name that another host, a script or plain
http has set. Such a name needs https, which a developer's own machine lacks: over plain http on a loopback
host, and nowhere else, the names have no prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.origins import is_local_origin, is_loopback
from jotpass.auth.transports import BY_COOKIE, COOKIE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponseBase

    from jotpass.auth.csrf import HasOrigin
    from jotpass.auth.token_pair import TokenPair

MAX_COOKIE_BYTES: Final = 4096
"""Name and value together; of a longer cookie a browser drops all (RFC 6265bis s5.7)."""

_PREFIX: Final = "__Host-Http-"
_FORWARDED: Final = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_")
_OPTIONAL_WHITE_SPACE: Final = " \t"


@dataclass(frozen=True, slots=True)
class CookieNames:
    """What the two cookies are called.

    Attributes:
        access: Of the access token.
        refresh: Of the refresh token.
        secure: Whether the browser keeps them to https.
    """

    access: str
    refresh: str
    secure: bool


LOOPBACK: Final = CookieNames("jotpass_access", "jotpass_refresh", secure=False)
PREFIXED: Final = CookieNames(_PREFIX + LOOPBACK.access, _PREFIX + LOOPBACK.refresh, secure=True)


def names_to_read(scheme: str | None, host: str, headers: Mapping[str, Any]) -> tuple[CookieNames, ...]:
    """Return the names under which cookies are believed, the better ones first; the last are those to set.

    A proxy that forgets to pass the Host header makes every request look like one on a loopback host. The
    page's own ``Origin`` tells, and without one what the proxy says of itself.

    Args:
        scheme: ``http`` or ``https``; for a WebSocket that which it was opened over.
        host: The Host header, checked against ALLOWED_HOSTS.
        headers: The others, in the names of WSGI.
    """
    local = scheme == "http" and is_loopback(host) and _is_from_here(headers)
    return (PREFIXED, LOOPBACK) if local else (PREFIXED,)


def _is_from_here(headers: Mapping[str, Any]) -> bool:
    origin, asked = headers.get("HTTP_ORIGIN"), headers.get("HTTP_X_FORWARDED_HOST")
    if origin is not None:
        return is_local_origin(origin)
    if asked is not None:
        return is_loopback(asked)
    return not any(name.startswith(_FORWARDED) for name in headers)


def read_cookie(header: str, name: str) -> str | None:
    """Take a cookie out of a Cookie header (RFC 6265 s4.2), if there is no doubt which one is meant.

    Not left to a parser that keeps the last of several: that one may be another host's.

    Args:
        header: The header's value.
        name: The cookie's name.

    Returns:
        Its value; None when it did not come.

    Raises:
        TokenMalformed: It came more than once, with different values.
    """
    found = _values(header, name)
    if len(found) > 1:
        raise errors.TokenMalformed
    return found.pop() if found else None


def _values(header: str, name: str) -> set[str]:
    found = set()
    for pair in header.split(";"):
        # Only what the grammar calls white space: browsers let a name begin with any other.
        key, _, value = pair.strip(_OPTIONAL_WHITE_SPACE).partition("=")
        if key == name:
            found.add(value)
    return found


@sensitive_variables()
def access_cookie(request: HasOrigin) -> str | None:
    """Return the access token that came by cookie, None when there is none.

    Raises:
        TokenMalformed: There are several.
    """
    return _read(request, "access")


@sensitive_variables()
def refresh_cookie(request: HasOrigin) -> str | None:
    """Return the refresh token that came by cookie, None when there is none.

    Raises:
        TokenMalformed: There are several.
    """
    return _read(request, "refresh")


@sensitive_variables()
def access_cookies(request: HasOrigin) -> set[str]:
    """Return every access token that came by cookie, for whoever need not choose between them."""
    return _read_all(request, "access")


@sensitive_variables()
def refresh_cookies(request: HasOrigin) -> set[str]:
    """Return every refresh token that came by cookie, for whoever need not choose between them."""
    return _read_all(request, "refresh")


def _read(request: HasOrigin, which: str) -> str | None:
    header = request.META.get("HTTP_COOKIE", "")
    if getattr(LOOPBACK, which) not in header:
        return None
    values = (read_cookie(header, getattr(names, which)) for names in _names_to_read(request))
    return next(filter(None, values), None)


def _read_all(request: HasOrigin, which: str) -> set[str]:
    header = request.META.get("HTTP_COOKIE", "")
    if getattr(LOOPBACK, which) not in header:
        return set()
    values = (_values(header, getattr(names, which)) for names in _names_to_read(request))
    return set().union(*values) - {""}


@sensitive_variables()
def set_token_cookies(response: HttpResponseBase, pair: TokenPair, request: HasOrigin) -> None:
    """Put into cookies what of a pair belongs there, and forbid storing the response.

    Args:
        response: Its JSON is `TokenPair.json`.
        pair: The pair; of one whose transport is ``body`` nothing is put into cookies.
        request: The request that is answered, in which the caller has authenticated somebody.
    """
    response.headers["Cache-Control"] = "no-store"
    if pair.transport not in BY_COOKIE:
        return
    names = _names_to_read(request)[-1]
    _set(response, names.refresh, pair.refresh, pair.refresh_expires_in, secure=names.secure)
    if pair.transport == COOKIE:
        _set(response, names.access, pair.access, pair.expires_in, secure=names.secure)
    elif LOOPBACK.access in request.META.get("HTTP_COOKIE", ""):
        # Of whoever was signed in here before.
        _set(response, names.access, "", 0, secure=names.secure)


def clear_token_cookies(response: HttpResponseBase, request: HasOrigin) -> None:
    """Tell the browser to forget both cookies."""
    for names in _names_to_read(request):
        _set(response, names.refresh, "", 0, secure=names.secure)
        _set(response, names.access, "", 0, secure=names.secure)


def fits_cookie(token: str) -> bool:
    """Whether a browser would keep this access token in a cookie."""
    return len(PREFIXED.access) + len(token) <= MAX_COOKIE_BYTES


def _names_to_read(request: HasOrigin) -> tuple[CookieNames, ...]:
    return names_to_read(request.scheme, request.get_host(), request.META)


def _set(response: Any, name: str, value: str, max_age: int, *, secure: bool) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="Strict"
    )
