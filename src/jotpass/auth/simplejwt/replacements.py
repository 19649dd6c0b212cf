"""What takes the place of each setting, view and class of djangorestframework-simplejwt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from jotpass.auth.simplejwt.token_format import simple_jwt

if TYPE_CHECKING:
    from collections.abc import Iterable

_PACKAGE: Final = "rest_framework_simplejwt"
_AUTHENTICATION: Final = "jotpass.auth.drf.authentication.JWTAuthentication"

_PAIR: Final = "nothing: a session has a token pair"
_CLAIM_NAMES: Final = "nothing: claims are named as RFC 9068 names them"

SETTINGS: Final[Mapping[str, str]] = {
    "ACCESS_TOKEN_LIFETIME": "ACCESS_TOKEN_LIFETIME",
    "REFRESH_TOKEN_LIFETIME": "REFRESH_TOKEN_LIFETIME (idle) and SESSION_LIFETIME (in all)",
    "ROTATE_REFRESH_TOKENS": "nothing: refresh tokens are always rotated",
    "BLACKLIST_AFTER_ROTATION": "nothing: a replaced token is refused, and its reuse ends the family",
    "UPDATE_LAST_LOGIN": "nothing: sign-in sends user_logged_in, on which Django sets last_login",
    "ALGORITHM": "SIGNING_ALGORITHM: HS256, ES256, RS256, PS256 or Ed25519",
    "SIGNING_KEY": "nothing for HS256 (derived from SECRET_KEY); else stored keys, or SIGNING_KEYS",
    "VERIFYING_KEY": "nothing: derived, stored, or of SIGNING_KEYS; jwks.json publishes it",
    "AUDIENCE": "AUDIENCE",
    "ISSUER": "ISSUER",
    "JSON_ENCODER": "nothing: the callable CLAIMS returns what JSON has a form for",
    "JWK_URL": "nothing here; services that only verify: jotpass.jose.Verifier",
    "LEEWAY": "LEEWAY",
    "AUTH_HEADER_TYPES": "nothing: Bearer, in any case",
    "AUTH_HEADER_NAME": "nothing: Authorization",
    "USER_ID_FIELD": "nothing: the primary key",
    "USER_ID_CLAIM": "nothing: sub",
    "USER_AUTHENTICATION_RULE": "USER_QUERYSET, with REQUEST_USER = 'load'",
    "ON_LOGIN_SUCCESS": "the signal user_logged_in, or signed_in of jotpass.auth.signals",
    "ON_LOGIN_FAILED": "the signal user_login_failed, or sign_in_failed of jotpass.auth.signals",
    "AUTH_TOKEN_CLASSES": "nothing: access tokens; for SlidingToken, a token pair",
    "TOKEN_TYPE_CLAIM": "nothing: the header's typ, at+jwt",
    "JTI_CLAIM": "nothing: jti",
    "TOKEN_USER_CLASS": "nothing: request.user is the user model's, without a query (REQUEST_USER)",
    "SLIDING_TOKEN_REFRESH_EXP_CLAIM": _PAIR,
    "SLIDING_TOKEN_LIFETIME": _PAIR,
    "SLIDING_TOKEN_REFRESH_LIFETIME": _PAIR,
    "TOKEN_OBTAIN_SERIALIZER": "CLAIMS for claims; start_session for another way to sign in",
    "TOKEN_REFRESH_SERIALIZER": "CLAIMS, which is called at every refresh",
    "TOKEN_VERIFY_SERIALIZER": "POST token/verify/, for access tokens alone",
    "TOKEN_BLACKLIST_SERIALIZER": "POST logout/",
    "SLIDING_TOKEN_OBTAIN_SERIALIZER": _PAIR,
    "SLIDING_TOKEN_REFRESH_SERIALIZER": _PAIR,
    "CHECK_REVOKE_TOKEN": "nothing: a change of the password ends the sessions",
    "REVOKE_TOKEN_CLAIM": _CLAIM_NAMES,
    "CHECK_USER_IS_ACTIVE": "nothing: an inactive user is always refused",
}

VIEWS: Final[Mapping[str, str]] = {
    "TokenObtainPairView": "POST token/",
    "TokenRefreshView": "POST token/refresh/",
    "TokenVerifyView": "POST token/verify/",
    "TokenBlacklistView": "POST logout/",
    "TokenObtainSlidingView": "POST token/",
    "TokenRefreshSlidingView": "POST token/refresh/",
}

FRONT_END: Final[Mapping[str, str]] = {
    "refresh answers {access}": "{access, refresh, expires_in}: keep the new refresh token each time",
    "401 code token_not_valid": "token_expired: refresh; refresh_invalid: sign in; all codes are documented",
    "blacklist with {refresh}": "logout/ with {refresh}: 204, the access token ends too",
    "claim user_id": "sub",
}

_HIDDEN: Final = frozenset({"SIGNING_KEY", "VERIFYING_KEY", "JWK_URL"})


class Replacement(NamedTuple):
    """A row: what there is, how it is set, and what takes its place."""

    name: str
    value: str
    instead: str


def settings_to_change() -> list[Replacement]:
    """Say what takes the place of each member of SIMPLE_JWT that the project sets. No key is shown."""
    return [
        Replacement(str(name), _shown(str(name), value), SETTINGS.get(str(name), "nothing: nobody knows it"))
        for name, value in simple_jwt().items()
    ]


def code_to_change() -> list[Replacement]:
    """Say what takes the place of each view in the URLs, and of the default authentication classes."""
    named = getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_AUTHENTICATION_CLASSES", ())
    classes = [name for name in map(_dotted, named) if name.startswith(_PACKAGE)]
    views = _views(get_resolver().url_patterns)
    return [
        *(Replacement("DEFAULT_AUTHENTICATION_CLASSES", name, _AUTHENTICATION) for name in classes),
        *(Replacement(name, f"/{route}", VIEWS[name]) for route, name in views),
    ]


def front_end_to_change() -> list[Replacement]:
    """Say what a front end meets that is different."""
    return [Replacement(name, "", instead) for name, instead in FRONT_END.items()]


def _shown(name: str, value: object) -> str:
    if name in _HIDDEN or name not in SETTINGS:
        # A name that nobody knows may be a key, misspelt.
        return "(not shown)"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(map(str, value))
    return str(value)


def _dotted(named: object) -> str:
    return named if isinstance(named, str) else f"{getattr(named, '__module__', '')}.{named}"


def _views(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, route)
        elif name := _known_view(pattern.callback):
            yield route, name


def _known_view(callback: Any) -> str:
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    known = (
        base.__name__
        for base in getattr(view, "__mro__", ())
        if base.__module__ == f"{_PACKAGE}.views" and base.__name__ in VIEWS
    )
    return next(known, "")
