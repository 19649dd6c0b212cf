"""System checks about ``django-cors-headers``: pages of other origins get the headers that they need.

Nothing is imported from that package: its settings are read where it is in MIDDLEWARE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from jotpass.auth.cors import ALLOW_HEADERS, EXPOSE_HEADERS
from jotpass.auth.transports import TransportPolicy, transport_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MIDDLEWARE: Final = "corsheaders.middleware.CorsMiddleware"
_ALLOWED_BY_DEFAULT: Final = ("authorization", "content-type")


def check_cors(**_: object) -> list[CheckMessage]:
    """What ``django-cors-headers`` is told fits the transports (W010 to W013)."""
    if _MIDDLEWARE not in settings.MIDDLEWARE:
        return []
    try:
        policy = transport_policy()
    except ImproperlyConfigured:
        # Another check says what is wrong with it.
        return []
    return [*_headers(policy), *_credentials(policy)]


def _headers(policy: TransportPolicy) -> Iterator[CheckMessage]:
    exposed = _lower(getattr(settings, "CORS_EXPOSE_HEADERS", ()))
    if missing := [name for name in EXPOSE_HEADERS if name not in exposed]:
        yield CheckWarning(
            f"CORS_EXPOSE_HEADERS lacks {', '.join(missing)}: pages of other origins cannot read them.",
            "CORS_EXPOSE_HEADERS = jotpass.auth.cors.EXPOSE_HEADERS",
            id="jotpass.W010",
        )
    allowed = _lower(getattr(settings, "CORS_ALLOW_HEADERS", _ALLOWED_BY_DEFAULT))
    needed = ALLOW_HEADERS if len(policy.allowed) > 1 or policy.sets_cookies else _ALLOWED_BY_DEFAULT
    if "*" not in allowed and (missing := [name for name in needed if name not in allowed]):
        yield CheckWarning(
            f"CORS_ALLOW_HEADERS lacks {', '.join(missing)}: pages of other origins cannot send them.",
            "CORS_ALLOW_HEADERS = (*corsheaders.defaults.default_headers, *jotpass.auth.cors.ALLOW_HEADERS)",
            id="jotpass.W011",
        )


def _credentials(policy: TransportPolicy) -> Iterator[CheckMessage]:
    if not policy.sets_cookies:
        return
    credentials = getattr(settings, "CORS_ALLOW_CREDENTIALS", False)
    if policy.trusted_origins and not credentials:
        yield CheckWarning(
            "CORS_ALLOW_CREDENTIALS is off: pages of JOTPASS['TRUSTED_ORIGINS'] cannot use the cookies.",
            "CORS_ALLOW_CREDENTIALS = True",
            id="jotpass.W012",
        )
    everybody = getattr(settings, "CORS_ALLOW_ALL_ORIGINS", getattr(settings, "CORS_ORIGIN_ALLOW_ALL", False))
    if everybody and credentials:
        yield CheckWarning(
            "CORS_ALLOW_ALL_ORIGINS with CORS_ALLOW_CREDENTIALS: any page of this site may read what a "
            "cookie opens.",
            "Name the pages in CORS_ALLOWED_ORIGINS.",
            id="jotpass.W013",
        )


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}
