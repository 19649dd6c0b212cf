"""The settings: one dict ``JOTPASS`` of the project, read at use, so that ``override_settings`` works.

Each setting is one line of `Settings`: its default, and the parser that turns what the project wrote into
what the code uses. The system checks run the same parsers, so a setting that starts the server is one that
works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar, overload

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from jotpass.auth.setting_values import (
    one_of,
    parse_audience,
    parse_boolean,
    parse_cache_alias,
    parse_callable_or_none,
    parse_client_ids,
    parse_count_or_none,
    parse_duration_or_zero,
    parse_failure_limit,
    parse_issuer,
    parse_key_sources,
    parse_origins,
    parse_positive_duration,
    parse_proxy_count,
    parse_realm,
    parse_redis_url_or_none,
    parse_reuse_grace,
    parse_scopes,
    parse_secret_hashes,
    some_of,
)

LOCAL_ISSUER: Final = "urn:jotpass:local"
"""ISSUER and AUDIENCE of a project that names none: its tokens mean something to itself alone."""

BODY: Final = "body"
HYBRID: Final = "hybrid"
COOKIE: Final = "cookie"

T = TypeVar("T")


def configured() -> Mapping[str, Any]:
    """Return the project's ``JOTPASS`` dict, empty when there is none."""
    value = getattr(django_settings, "JOTPASS", None)
    return value if isinstance(value, Mapping) else {}


class Setting(Generic[T]):
    """One setting: a descriptor that reads the project's value at each use.

    Args:
        default: What holds when the project says nothing, as a project would write it.
        parse: Turns a written value into the used one; raises ``ValueError`` saying what is wrong with it.
    """

    name: str

    def __init__(self, default: object, parse: Callable[[Any], T]) -> None:
        """Keep both; the name comes from the class body."""
        self.default = default
        self.parse = parse

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the setting's name."""
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Setting[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Setting[T] | T:
        """Read the setting, or hand out the descriptor when asked on the class."""
        if instance is None:
            return self
        value = configured().get(self.name, self.default)
        try:
            return self.parse(value)
        except ValueError as error:
            message = f"JOTPASS[{self.name!r}] {error}"
            raise ImproperlyConfigured(message) from error


class Settings:
    """Every setting, with its default. Durations are timedeltas or numbers of seconds."""

    ISSUER = Setting(LOCAL_ISSUER, parse_issuer)
    AUDIENCE = Setting(LOCAL_ISSUER, parse_audience)
    SITE_RESOLVER = Setting(None, parse_callable_or_none)
    SIGNING_ALGORITHM = Setting("HS256", one_of("HS256", "ES256", "RS256", "PS256", "Ed25519"))
    SIGNING_KEYS = Setting("database", parse_key_sources)
    LEEWAY = Setting(0, parse_duration_or_zero)

    ACCESS_TOKEN_LIFETIME = Setting(timedelta(minutes=5), parse_positive_duration)
    REFRESH_TOKEN_LIFETIME = Setting(timedelta(hours=24), parse_positive_duration)
    SESSION_LIFETIME = Setting(timedelta(days=14), parse_positive_duration)
    REFRESH_REUSE_GRACE = Setting(10, parse_reuse_grace)
    REFRESH_RECOVERY = Setting(timedelta(hours=1), parse_duration_or_zero)

    LIFETIMES = Setting(None, parse_callable_or_none)
    SESSIONS_PER_USER = Setting(None, parse_count_or_none)

    CLIENTS = Setting(["first-party"], parse_client_ids)
    TRANSPORTS = Setting([BODY], some_of(BODY, HYBRID, COOKIE))
    TRUSTED_ORIGINS = Setting([], parse_origins)
    CLAIMS = Setting(None, parse_callable_or_none)
    SCOPES = Setting(None, parse_scopes)
    INTROSPECTION_CLIENTS = Setting(None, parse_secret_hashes)

    REVOCATION = Setting("feed", one_of("none", "feed", "strict"))
    REVOCATION_MAX_STALENESS = Setting(30, parse_positive_duration)
    REVOCATION_FAIL_OPEN = Setting(default=False, parse=parse_boolean)
    REVOCATION_REDIS_URL = Setting(None, parse_redis_url_or_none)

    REQUEST_USER = Setting("deferred", one_of("deferred", "load"))
    USER_QUERYSET = Setting(None, parse_callable_or_none)
    REALM = Setting("api", parse_realm)

    SIMPLEJWT_TOKENS = Setting(default=False, parse=parse_boolean)

    TRUSTED_PROXY_COUNT = Setting(0, parse_proxy_count)
    SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS = Setting((5, timedelta(minutes=15)), parse_failure_limit)
    SIGN_IN_FAILURES_PER_NAME = Setting((50, timedelta(hours=1)), parse_failure_limit)
    SIGN_IN_FAILURES_PER_ADDRESS = Setting((100, timedelta(hours=1)), parse_failure_limit)
    SIGN_IN_FAILURES_CACHE = Setting("default", parse_cache_alias)

    @classmethod
    def each(cls) -> Iterator[Setting[Any]]:
        """Walk over the settings in the order of the class body."""
        return (value for value in vars(cls).values() if isinstance(value, Setting))


jotpass_settings: Final = Settings()
