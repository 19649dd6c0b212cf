"""The settings: one dict ``JOTPASS`` of the project, read at use, so that ``override_settings`` works.

Each setting is one line of `Settings`: its default, and the parser that turns what the project wrote into
what the code uses. The system checks run the same parsers, so a setting that starts the server is one that
works.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar, overload
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from jotpass.auth.origins import checked_origin

LOCAL_ISSUER: Final = "urn:jotpass:local"
"""ISSUER and AUDIENCE of a project that names none: its tokens mean something to itself alone."""

MAX_ISSUER_LENGTH: Final = 255
"""Characters of an issuer: it names rows of the key ring, too."""

MAX_REUSE_GRACE: Final = timedelta(seconds=60)
"""Longer, and an access token answered within the grace could outlive a revocation's record."""

LONGEST_DURATION: Final = timedelta(days=36_525)
"""A hundred years. A moment that much later is still a date."""

MAX_REMEMBERED: Final = 256
"""How many results of one function are remembered: one for each site, and there are seldom more."""

T = TypeVar("T")
K = TypeVar("K")
K_contra = TypeVar("K_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Remembered(Protocol[K_contra, T_co]):
    """A function of one argument whose results are remembered."""

    def __call__(self, key: K_contra | None = None, /) -> T_co:
        """Return the result of this moment's settings."""


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


def _refuse(reason: str) -> ValueError:
    return ValueError(reason)


def _duration(value: object) -> timedelta:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            value = timedelta(seconds=value)
        except (OverflowError, ValueError):
            value = None
    if not isinstance(value, timedelta) or abs(value) > LONGEST_DURATION:
        raise _refuse("must be a timedelta or a number of seconds, and at most a hundred years.")
    return value


def _positive_duration(value: object) -> timedelta:
    duration = _duration(value)
    if duration < timedelta(seconds=1):
        raise _refuse("must be at least one second.")
    return duration


def _duration_or_zero(value: object) -> timedelta:
    duration = _duration(value)
    if duration < timedelta(0):
        raise _refuse("must not be negative.")
    return duration


def _reuse_grace(value: object) -> timedelta:
    duration = _duration_or_zero(value)
    if duration > MAX_REUSE_GRACE:
        raise _refuse(f"must be at most {MAX_REUSE_GRACE.total_seconds():.0f} seconds.")
    return duration


def _count_or_none(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise _refuse("must be a whole number of at least 1, or None.")
    return value


def _redis_url_or_none(value: object) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        reachable = parts is not None and (parts.hostname if parts.scheme != "unix" else parts.path)
        known = parts is not None and parts.scheme in {"redis", "rediss", "unix"} and parts.port != 0
    except ValueError:
        reachable = known = False
    if not reachable or not known:
        # Without what was written: it may hold a password.
        raise _refuse("must be a redis://, rediss:// or unix:// URL, or None.")
    return str(value)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _refuse("must be True or False.")
    return value


def _proxy_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_PROXIES:
        raise _refuse(f"must be a whole number from 0 to {MAX_PROXIES}.")
    return value


def _failure_limit(value: object) -> FailureLimit | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 2:  # noqa: PLR2004 (a pair)
        raise _refuse("must be a pair of a number of failures and a duration, or None.")
    count, window = value
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise _refuse("must begin with a whole number of failures, at least 1.")
    return FailureLimit(count, math.ceil(_positive_duration(window).total_seconds()))


def _cache_alias(value: object) -> str:
    alias = _name(value)
    if alias not in django_settings.CACHES:
        raise _refuse("must name one of CACHES.")
    return alias


def _name(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _refuse("must be a string that is not empty.")
    return value


def _issuer(value: object) -> str:
    name = _name(value)
    if len(name) > MAX_ISSUER_LENGTH:
        raise _refuse(f"must have at most {MAX_ISSUER_LENGTH} characters.")
    return name


def _realm(value: object) -> str:
    name = _name(value)
    if not name.isascii() or not name.isprintable():
        raise _refuse("must be printable ASCII: it stands in a header.")
    return name


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, (list, tuple)) or not value:
        raise _refuse("must be a list of strings that is not empty.")
    return tuple(_name(item) for item in value)


def _audience(value: object) -> str | tuple[str, ...]:
    return _name(value) if isinstance(value, str) else _names(value)


def _client_ids(value: object) -> tuple[str, ...]:
    names = _names(value)
    if any(len(name) > MAX_CLIENT_ID_LENGTH for name in names):
        raise _refuse(f"must name clients in at most {MAX_CLIENT_ID_LENGTH} characters.")
    return names


def _scopes(value: object) -> tuple[str, ...] | Callable[..., Any] | None:
    if not isinstance(value, (list, tuple)):
        return _callable_or_none(value)
    names = _names(value)
    if not all(re.fullmatch(SCOPE_TOKEN, name) for name in names):
        raise _refuse("must be a list of strings without space, quote and backslash (RFC 6749 section 3.3).")
    if len(" ".join(names)) > MAX_SCOPE_LENGTH:
        raise _refuse(f"must fit into {MAX_SCOPE_LENGTH} characters: every access token carries it.")
    return names


def _secret_hashes(value: object) -> Mapping[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not value:
        raise _refuse("must be a dict of client names that is not empty, or None.")
    return {_name(name): _hashes(hashes) for name, hashes in value.items()}


def _hashes(value: object) -> tuple[str, ...]:
    hashes = (value,) if isinstance(value, str) else _names(value)
    if not all(re.fullmatch(r"sha256\$[0-9a-f]{64}", name) for name in hashes):
        # Not repeated here: it may be the secret itself.
        raise _refuse("must hold hashes of secrets: `manage.py jotpass secret` makes both.")
    return hashes


def _key_sources(value: object) -> tuple[str, ...]:
    # The environment knows lists alone.
    if value in ("database", ["database"], ("database",)):
        return ()
    sources = _names(value)
    if not all(source.startswith(("file:", "env:")) and source.partition(":")[2] for source in sources):
        raise _refuse("must be 'database', or a list out of 'file:PATH' and 'env:NAME'.")
    return sources


def _one_of(*choices: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in choices:
            raise _refuse(f"must be one of {', '.join(map(repr, choices))}.")
        return str(value)

    return parse


def _some_of(*choices: str) -> Callable[[object], tuple[str, ...]]:
    def parse(value: object) -> tuple[str, ...]:
        names = _names(value)
        if not set(names) <= set(choices):
            raise _refuse(f"must be a list out of {', '.join(map(repr, choices))}.")
        return names

    return parse


def _callable_or_none(value: object) -> Callable[..., Any] | None:
    if value is None or (callable(value) and not isinstance(value, str)):
        return value
    if not isinstance(value, str):
        raise _refuse("must be a callable, the dotted path of one, or None.")
    try:
        found = import_string(value)
    except ImportError as error:
        raise _refuse(f"cannot be imported: {error}.") from error
    if not callable(found):
        raise _refuse("names something that cannot be called.")
    return found  # type: ignore[no-any-return]


def _origins(value: object) -> tuple[str, ...]:
    return () if value == [] else tuple(checked_origin(item) for item in _names(value))


MAX_CLIENT_ID_LENGTH: Final = 100

BODY: Final = "body"
HYBRID: Final = "hybrid"
COOKIE: Final = "cookie"
MAX_PROXIES: Final = 16

MAX_SCOPE_LENGTH: Final = 1000
"""All scopes of a token together."""

SCOPE_TOKEN: Final = r"[\x21\x23-\x5B\x5D-\x7E]+"
"""How the name of a scope is spelled (RFC 6749 s3.3), as a regular expression."""


class FailureLimit(NamedTuple):
    """How many sign-ins may fail within how many seconds."""

    failures: int
    seconds: int


class Settings:
    """Every setting, with its default. Durations are timedeltas or numbers of seconds."""

    ISSUER = Setting(LOCAL_ISSUER, _issuer)
    AUDIENCE = Setting(LOCAL_ISSUER, _audience)
    SITE_RESOLVER = Setting(None, _callable_or_none)
    SIGNING_ALGORITHM = Setting("HS256", _one_of("HS256", "ES256", "RS256", "PS256", "Ed25519"))
    SIGNING_KEYS = Setting("database", _key_sources)
    LEEWAY = Setting(0, _duration_or_zero)

    ACCESS_TOKEN_LIFETIME = Setting(timedelta(minutes=5), _positive_duration)
    REFRESH_TOKEN_LIFETIME = Setting(timedelta(hours=24), _positive_duration)
    SESSION_LIFETIME = Setting(timedelta(days=14), _positive_duration)
    REFRESH_REUSE_GRACE = Setting(10, _reuse_grace)
    REFRESH_RECOVERY = Setting(timedelta(hours=1), _duration_or_zero)

    LIFETIMES = Setting(None, _callable_or_none)
    SESSIONS_PER_USER = Setting(None, _count_or_none)

    CLIENTS = Setting(["first-party"], _client_ids)
    TRANSPORTS = Setting([BODY], _some_of(BODY, HYBRID, COOKIE))
    TRUSTED_ORIGINS = Setting([], _origins)
    CLAIMS = Setting(None, _callable_or_none)
    SCOPES = Setting(None, _scopes)
    INTROSPECTION_CLIENTS = Setting(None, _secret_hashes)

    REVOCATION = Setting("feed", _one_of("none", "feed", "strict"))
    REVOCATION_MAX_STALENESS = Setting(30, _positive_duration)
    REVOCATION_FAIL_OPEN = Setting(default=False, parse=_boolean)
    REVOCATION_REDIS_URL = Setting(None, _redis_url_or_none)

    REQUEST_USER = Setting("deferred", _one_of("deferred", "load"))
    USER_QUERYSET = Setting(None, _callable_or_none)
    REALM = Setting("api", _realm)

    TRUSTED_PROXY_COUNT = Setting(0, _proxy_count)
    SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS = Setting((5, timedelta(minutes=15)), _failure_limit)
    SIGN_IN_FAILURES_PER_NAME = Setting((50, timedelta(hours=1)), _failure_limit)
    SIGN_IN_FAILURES_PER_ADDRESS = Setting((100, timedelta(hours=1)), _failure_limit)
    SIGN_IN_FAILURES_CACHE = Setting("default", _cache_alias)

    @classmethod
    def each(cls) -> Iterator[Setting[Any]]:
        """Walk over the settings in the order of the class body."""
        return (value for value in vars(cls).values() if isinstance(value, Setting))


jotpass_settings: Final = Settings()


class _Written(tuple[Any, ...]):
    """Settings as they are written; SECRET_KEY among them is not for reports of errors."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<settings>"

    def own(self) -> _Written:
        """Copy what could be changed in place."""
        project, secret, fallbacks, user_model = self
        if isinstance(project, dict):
            project = {name: _own(value) for name, value in project.items()}
        return _Written((project, secret, _own(fallbacks), user_model))


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """Keep what a function makes of the settings until one of them is another.

    Args:
        build: Reads nothing but ``JOTPASS``, SECRET_KEY, SECRET_KEY_FALLBACKS and AUTH_USER_MODEL.
    """
    of_one = remembered_for_each(lambda _: build())

    @wraps(build)
    def current() -> T:
        return of_one(None)

    return current


def remembered_for_each(build: Callable[[K | None], T]) -> Remembered[K, T]:
    """Keep what a function makes of the settings and of one argument, until a setting is another.

    Parsing the ten settings of a request takes longer than verifying its token. Comparing them as they are
    written does not, and notices every change, be it by ``override_settings`` or inside the dict.

    Args:
        build: Reads what a `remembered` function may read, and its argument, which can be hashed.
    """
    latest: tuple[tuple[object, ...], dict[K | None, T]] | None = None

    @wraps(build)
    def current(key: K | None = None) -> T:
        nonlocal latest
        kept = latest
        # Past the lazy object, which would be asked once for each of the four.
        settings: Any = django_settings._wrapped  # type: ignore[misc]  # noqa: SLF001
        written = _Written(
            (
                getattr(settings, "JOTPASS", None),
                settings.SECRET_KEY,
                settings.SECRET_KEY_FALLBACKS,
                settings.AUTH_USER_MODEL,
            )
        )
        if kept is not None and kept[0] == written:
            values = kept[1]
            try:
                return values[key]
            except KeyError:
                pass
        else:
            values = {}
            latest = (written.own(), values)
        value = build(key)
        if len(values) >= MAX_REMEMBERED:
            # The first one makes room; a thread that has just taken it is no matter.
            values.pop(next(iter(values)), None)
        values[key] = value
        return value

    return current


def _own(value: object) -> object:
    """Copy what may be changed in place, so that the change shows in a comparison."""
    return value.copy() if isinstance(value, list) else value
