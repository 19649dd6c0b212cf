"""What a project may write for a setting, and what the code gets for it.

A parser takes what was written and returns what is used, or raises ``ValueError`` with the rest of a sentence
that begins with the setting's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from jotpass.auth.origins import checked_origin

MAX_ISSUER_LENGTH: Final = 255
"""Characters of an issuer: it names rows of the key ring, too."""

MAX_CLIENT_ID_LENGTH: Final = 100
MAX_PROXIES: Final = 16

MAX_REUSE_GRACE: Final = timedelta(seconds=60)
"""Longer, and an access token answered within the grace could outlive a revocation's record."""

LONGEST_DURATION: Final = timedelta(days=36_525)
"""A hundred years. A moment that much later is still a date."""

MAX_SCOPE_LENGTH: Final = 1000
"""All scopes of a token together."""

SCOPE_TOKEN: Final = r"[\x21\x23-\x5B\x5D-\x7E]+"
"""How the name of a scope is spelled (RFC 6749 s3.3), as a regular expression."""


class FailureLimit(NamedTuple):
    """How many sign-ins may fail within how many seconds."""

    failures: int
    seconds: int


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


def parse_positive_duration(value: object) -> timedelta:
    """Read a timedelta or a number of seconds, at least one."""
    duration = _duration(value)
    if duration < timedelta(seconds=1):
        raise _refuse("must be at least one second.")
    return duration


def parse_duration_or_zero(value: object) -> timedelta:
    """Read a timedelta or a number of seconds, not negative."""
    duration = _duration(value)
    if duration < timedelta(0):
        raise _refuse("must not be negative.")
    return duration


def parse_reuse_grace(value: object) -> timedelta:
    """Read a duration in which a replaced refresh token is still answered."""
    duration = parse_duration_or_zero(value)
    if duration > MAX_REUSE_GRACE:
        raise _refuse(f"must be at most {MAX_REUSE_GRACE.total_seconds():.0f} seconds.")
    return duration


def parse_count_or_none(value: object) -> int | None:
    """Read a whole number of at least 1, or None."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise _refuse("must be a whole number of at least 1, or None.")
    return value


def parse_redis_url_or_none(value: object) -> str | None:
    """Read the URL of a Redis or Valkey, or None."""
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


def parse_boolean(value: object) -> bool:
    """Read True or False, and nothing that is merely as good as."""
    if not isinstance(value, bool):
        raise _refuse("must be True or False.")
    return value


def parse_proxy_count(value: object) -> int:
    """Read how many proxies stand in front."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_PROXIES:
        raise _refuse(f"must be a whole number from 0 to {MAX_PROXIES}.")
    return value


def parse_failure_limit(value: object) -> FailureLimit | None:
    """Read a pair of a number of failures and a duration, or None."""
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 2:  # noqa: PLR2004 (a pair)
        raise _refuse("must be a pair of a number of failures and a duration, or None.")
    count, window = value
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise _refuse("must begin with a whole number of failures, at least 1.")
    return FailureLimit(count, math.ceil(parse_positive_duration(window).total_seconds()))


def parse_cache_alias(value: object) -> str:
    """Read the name of one of CACHES."""
    alias = _name(value)
    if alias not in django_settings.CACHES:
        raise _refuse("must name one of CACHES.")
    return alias


def _name(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _refuse("must be a string that is not empty.")
    return value


def parse_issuer(value: object) -> str:
    """Read an ``iss``."""
    name = _name(value)
    if len(name) > MAX_ISSUER_LENGTH:
        raise _refuse(f"must have at most {MAX_ISSUER_LENGTH} characters.")
    return name


def parse_realm(value: object) -> str:
    """Read the realm of ``WWW-Authenticate`` (RFC 9110 s11.5)."""
    name = _name(value)
    if not name.isascii() or not name.isprintable():
        raise _refuse("must be printable ASCII: it stands in a header.")
    return name


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, (list, tuple)) or not value:
        raise _refuse("must be a list of strings that is not empty.")
    return tuple(_name(item) for item in value)


def parse_audience(value: object) -> str | tuple[str, ...]:
    """Read one ``aud``, or several."""
    return _name(value) if isinstance(value, str) else _names(value)


def parse_client_ids(value: object) -> tuple[str, ...]:
    """Read the names of clients."""
    names = _names(value)
    if any(len(name) > MAX_CLIENT_ID_LENGTH for name in names):
        raise _refuse(f"must name clients in at most {MAX_CLIENT_ID_LENGTH} characters.")
    return names


def parse_scopes(value: object) -> tuple[str, ...] | Callable[..., Any] | None:
    """Read a list of scopes, the function that decides them or its path, or None."""
    if not isinstance(value, (list, tuple)):
        return parse_callable_or_none(value)
    names = _names(value)
    if not all(re.fullmatch(SCOPE_TOKEN, name) for name in names):
        raise _refuse("must be a list of strings without space, quote and backslash (RFC 6749 section 3.3).")
    if len(" ".join(names)) > MAX_SCOPE_LENGTH:
        raise _refuse(f"must fit into {MAX_SCOPE_LENGTH} characters: every access token carries it.")
    return names


def parse_secret_hashes(value: object) -> Mapping[str, tuple[str, ...]]:
    """Read clients with one hash of a secret each, or several; None is no clients."""
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


def parse_key_sources(value: object) -> tuple[str, ...]:
    """Read where signing keys come from; the database is no sources."""
    # The environment knows lists alone.
    if value in ("database", ["database"], ("database",)):
        return ()
    sources = _names(value)
    if not all(source.startswith(("file:", "env:")) and source.partition(":")[2] for source in sources):
        raise _refuse("must be 'database', or a list out of 'file:PATH' and 'env:NAME'.")
    return sources


def one_of(*choices: str) -> Callable[[object], str]:
    """Make the parser of a choice."""

    def parse(value: object) -> str:
        if value not in choices:
            raise _refuse(f"must be one of {', '.join(map(repr, choices))}.")
        return str(value)

    return parse


def some_of(*choices: str) -> Callable[[object], tuple[str, ...]]:
    """Make the parser of a list of choices."""

    def parse(value: object) -> tuple[str, ...]:
        names = _names(value)
        if not set(names) <= set(choices):
            raise _refuse(f"must be a list out of {', '.join(map(repr, choices))}.")
        return names

    return parse


def parse_callable_or_none(value: object) -> Callable[..., Any] | None:
    """Read a callable, the dotted path of one, or None."""
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


def parse_origins(value: object) -> tuple[str, ...]:
    """Read a list of origins, which may be empty."""
    return () if value == [] else tuple(checked_origin(item) for item in _names(value))
