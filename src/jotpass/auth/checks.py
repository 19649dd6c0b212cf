"""System checks: one for each setting, and for what the settings say together. ``manage.py check`` runs them.

Ids are stable: ``jotpass.E0nn`` is an error, ``jotpass.W0nn`` a warning.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Error, Tags
from django.core.checks import Warning as CheckWarning
from django.core.checks import register as register_check
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

from jotpass.auth import errors
from jotpass.auth.conf import LOCAL_ISSUER, Settings, configured, jotpass_settings
from jotpass.auth.cors_checks import check_cors
from jotpass.auth.key_checks import (
    check_fallback_keys,
    check_given_keys,
    check_named_issuer,
    check_stored_keys,
)
from jotpass.auth.request_user import deferred_user
from jotpass.auth.simplejwt.checks import check_carried_tokens, check_carrying_is_over
from jotpass.auth.tenant_checks import check_tenants
from jotpass.keys.weak_secret import weakness_of

SETTING_IDS: Final[Mapping[str, str]] = {
    "ISSUER": "jotpass.E010",
    "AUDIENCE": "jotpass.E011",
    "SITE_RESOLVER": "jotpass.E034",
    "SIGNING_ALGORITHM": "jotpass.E012",
    "SIGNING_KEYS": "jotpass.E038",
    "LEEWAY": "jotpass.E013",
    "ACCESS_TOKEN_LIFETIME": "jotpass.E014",
    "REFRESH_TOKEN_LIFETIME": "jotpass.E015",
    "SESSION_LIFETIME": "jotpass.E016",
    "REFRESH_REUSE_GRACE": "jotpass.E017",
    "REFRESH_RECOVERY": "jotpass.E018",
    "CLIENTS": "jotpass.E019",
    "TRANSPORTS": "jotpass.E020",
    "TRUSTED_ORIGINS": "jotpass.E030",
    "CLAIMS": "jotpass.E021",
    "REVOCATION": "jotpass.E022",
    "REVOCATION_MAX_STALENESS": "jotpass.E023",
    "REVOCATION_FAIL_OPEN": "jotpass.E024",
    "REQUEST_USER": "jotpass.E025",
    "USER_QUERYSET": "jotpass.E026",
    "REALM": "jotpass.E027",
    "REVOCATION_REDIS_URL": "jotpass.E040",
    "SESSIONS_PER_USER": "jotpass.E041",
    "LIFETIMES": "jotpass.E042",
    "TRUSTED_PROXY_COUNT": "jotpass.E044",
    "SCOPES": "jotpass.E048",
    "INTROSPECTION_CLIENTS": "jotpass.E049",
    "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": "jotpass.E045",
    "SIGN_IN_FAILURES_PER_NAME": "jotpass.E046",
    "SIGN_IN_FAILURES_PER_ADDRESS": "jotpass.E047",
    "SIGN_IN_FAILURES_CACHE": "jotpass.E058",
    "SIMPLEJWT_TOKENS": "jotpass.E059",
}
"""The check of each setting."""


_MIDDLEWARE: Final = "jotpass.auth.middleware.JWTAuthenticationMiddleware"
_DJANGO_MIDDLEWARE: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"


def register() -> None:
    """Register every check with Django."""
    for check in (
        check_names,
        check_values,
        check_together,
        check_secret_key,
        check_time_zone,
        check_user_model,
        check_middleware,
        check_failures_are_kept,
        check_cors,
        check_tenants,
        check_named_issuer,
        check_given_keys,
        check_carried_tokens,
    ):
        register_check(check, Tags.security)
    register_check(check_stored_keys, Tags.database)
    register_check(check_carrying_is_over, Tags.database)
    register_check(check_fallback_keys, Tags.database, deploy=True)
    for check in (check_failure_cache, check_proxies):
        register_check(check, Tags.security, deploy=True)


def check_names(**_: object) -> list[CheckMessage]:
    """The dict is a dict, and holds no name that nobody knows (E001, E002)."""
    value = getattr(settings, "JOTPASS", None)
    if value is not None and not isinstance(value, Mapping):
        return [Error("JOTPASS must be a dict.", id="jotpass.E001")]
    known = [setting.name for setting in Settings.each()]
    return [_unknown(name, known) for name in configured() if name not in known]


def check_values(**_: object) -> list[CheckMessage]:
    """Each setting has a value that works (E010 and following)."""
    found: list[CheckMessage] = []
    for setting in Settings.each():
        try:
            getattr(jotpass_settings, setting.name)
        except ImproperlyConfigured as error:
            found.append(Error(str(error), id=SETTING_IDS[setting.name]))
    return found


def check_together(**_: object) -> Iterable[CheckMessage]:
    """What one setting means for another (W001 to W004, W018, E043, E050)."""
    if check_values():
        return []
    return [message for message in _contradictions() if message is not None]


def check_secret_key(**_: object) -> list[CheckMessage]:
    """SECRET_KEY, from which the signing keys are derived, is a secret (E003)."""
    if _is_tried_out():
        return []
    weak = [name for name, key in _secret_keys() if weakness_of(key)]
    hint = 'Generate one with: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    return [
        Error(
            f"{name} is short or a placeholder, and the keys that sign tokens are derived from it.",
            hint,
            id="jotpass.E003",
        )
        for name in weak
    ]


def check_time_zone(**_: object) -> list[CheckMessage]:
    """Times are times and not wall-clock readings (E004)."""
    if settings.USE_TZ:
        return []
    return [
        Error("Jotpass compares times with the database's clock and needs USE_TZ = True.", id="jotpass.E004")
    ]


def check_middleware(**_: object) -> list[CheckMessage]:
    """The user of a token is not overwritten by that of a Django session (E051)."""
    chain = list(settings.MIDDLEWARE)
    if _MIDDLEWARE not in chain or _DJANGO_MIDDLEWARE not in chain[chain.index(_MIDDLEWARE) :]:
        return []
    return [
        Error(
            f"{_MIDDLEWARE} stands above {_DJANGO_MIDDLEWARE}, which overwrites the user of a token.",
            "Move it below.",
            id="jotpass.E051",
        )
    ]


def check_user_model(**_: object) -> list[CheckMessage]:
    """The user model can be built without reading its row (E005)."""
    user_model = get_user_model()
    try:
        if jotpass_settings.REQUEST_USER != "deferred":
            return []
    except ImproperlyConfigured:
        return []
    subject = _any_subject(user_model)
    if subject is None:
        return []
    try:
        with _no_queries():
            deferred_user(user_model, subject, using=DEFAULT_DB_ALIAS, missing=errors.NoActiveAccount)
    except Exception as error:  # noqa: BLE001 (whatever the project's __init__ raises is the finding)
        fault = "asks for it" if isinstance(error, _QueryError) else f"raises {type(error).__name__}"
        return [
            Error(
                f"{user_model.__name__} cannot be built without its row: __init__ or from_db {fault}.",
                "Read no field there that may be deferred, or set JOTPASS['REQUEST_USER'] = 'load'.",
                id="jotpass.E005",
            ),
        ]
    return []


def check_failures_are_kept(**_: object) -> list[CheckMessage]:
    """Failed sign-ins are counted on a cache that keeps something (W021)."""
    if _is_tried_out() or not isinstance(_failure_cache(), DummyCache):
        return []
    return [
        CheckWarning(
            "Failed sign-ins are counted on a DummyCache, which keeps nothing: passwords can be guessed.",
            "Name another of CACHES in JOTPASS['SIGN_IN_FAILURES_CACHE'].",
            id="jotpass.W021",
        )
    ]


def check_failure_cache(**_: object) -> list[CheckMessage]:
    """Failed sign-ins are counted in one place, one after the other (W020)."""
    cache = _failure_cache()
    if isinstance(cache, LocMemCache):
        fault = "in the memory of each process (LocMemCache), so that each process more is another allowance"
    elif isinstance(cache, (DatabaseCache, FileBasedCache)):
        fault = f"on a {type(cache).__name__}, which miscounts those that come at the same time"
    else:
        return []
    hint = "Count on Redis, Valkey or Memcached: JOTPASS['SIGN_IN_FAILURES_CACHE'] names one of CACHES."
    return [CheckWarning(f"Failed sign-ins are counted {fault}.", hint, id="jotpass.W020")]


def check_proxies(**_: object) -> list[CheckMessage]:
    """A project that believes one header of its proxy says how many proxies there are (W022)."""
    believes = settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST
    if not believes or configured().get("TRUSTED_PROXY_COUNT", 0) != 0:
        return []
    return [
        CheckWarning(
            "The project stands behind a proxy, whose address is that of every client:"
            " JOTPASS['TRUSTED_PROXY_COUNT'] is 0.",
            "Say how many of your own proxies append to X-Forwarded-For.",
            id="jotpass.W022",
        )
    ]


def _is_tried_out() -> bool:
    """Whether a developer runs the project, or its tests do: Django's runner turns DEBUG off and then checks.

    The outbox is what `setup_test_environment` leaves where others can see it, under pytest as well.
    """
    return settings.DEBUG or hasattr(mail, "outbox")


def _failure_cache() -> object:
    """Find the cache of the counters; None where nothing is counted or a setting is wrong."""
    chosen = jotpass_settings
    try:
        limits = (
            chosen.SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS,
            chosen.SIGN_IN_FAILURES_PER_NAME,
            chosen.SIGN_IN_FAILURES_PER_ADDRESS,
        )
        return caches[chosen.SIGN_IN_FAILURES_CACHE] if any(limits) else None
    except ImproperlyConfigured:
        return None


class _QueryError(Exception):
    """The database was asked where it must not be."""


@contextmanager
def _no_queries() -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise _QueryError

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(refuse))
        yield


def _any_subject(user_model: Any) -> str | None:
    for candidate in ("1", "00000000-0000-4000-8000-000000000000", "a" * 24):
        try:
            if str(user_model._meta.pk.to_python(candidate)) == candidate:
                return candidate
        except Exception:  # noqa: BLE001, S112 (any field may be a primary key; the next candidate may fit)
            continue
    return None


def _unknown(name: object, known: list[str]) -> CheckMessage:
    near = difflib.get_close_matches(str(name).strip().upper(), known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else None
    return Error(f"JOTPASS has no setting {name!r}.", hint, id="jotpass.E002")


def _contradictions() -> Iterable[CheckMessage | None]:
    chosen = jotpass_settings
    if LOCAL_ISSUER in {chosen.ISSUER, chosen.AUDIENCE}:
        yield CheckWarning(
            "JOTPASS['ISSUER'] or ['AUDIENCE'] is unset: tokens do not say which service they belong to.",
            "Set both to the https address of this service.",
            id="jotpass.W001",
        )
    if chosen.ACCESS_TOKEN_LIFETIME >= chosen.REFRESH_TOKEN_LIFETIME:
        yield CheckWarning(
            "JOTPASS: access tokens live as long as refresh tokens or longer.", id="jotpass.W002"
        )
    if chosen.REFRESH_TOKEN_LIFETIME > chosen.SESSION_LIFETIME:
        yield CheckWarning(
            "JOTPASS['REFRESH_TOKEN_LIFETIME'] is longer than the session can last.", id="jotpass.W003"
        )
    if chosen.REVOCATION == "none":
        yield CheckWarning(
            "JOTPASS['REVOCATION'] is 'none': a revoked access token works until it expires.",
            id="jotpass.W004",
        )
    if chosen.USER_QUERYSET and chosen.REQUEST_USER != "load":
        yield Error(
            "JOTPASS['USER_QUERYSET'] is set, and nobody asks it: JOTPASS['REQUEST_USER'] is not 'load'.",
            "Set JOTPASS['REQUEST_USER'] = 'load', or take USER_QUERYSET away.",
            id="jotpass.E050",
        )
    if chosen.REVOCATION_REDIS_URL and find_spec("redis") is None:
        yield Error(
            "JOTPASS['REVOCATION_REDIS_URL'] is set, and the package redis is not installed.",
            "pip install 'jotpass[redis]'",
            id="jotpass.E043",
        )
    elif chosen.REVOCATION_REDIS_URL and not _redis_understands(chosen.REVOCATION_REDIS_URL):
        # Without what was written: it may hold a password.
        yield Error(
            "JOTPASS['REVOCATION_REDIS_URL'] has an option that the package redis does not know.",
            id=SETTING_IDS["REVOCATION_REDIS_URL"],
        )
    if chosen.REVOCATION_REDIS_URL and chosen.REVOCATION == "none":
        yield CheckWarning(
            "JOTPASS['REVOCATION_REDIS_URL'] is set, and JOTPASS['REVOCATION'] is 'none': nobody listens.",
            id="jotpass.W018",
        )


def _redis_understands(url: str) -> bool:
    from jotpass.auth.feed_channel import is_usable  # noqa: PLC0415 (an extra that need not be installed)

    return is_usable(url)


def _secret_keys() -> Iterable[tuple[str, str | bytes]]:
    try:
        yield "SECRET_KEY", settings.SECRET_KEY
    except ImproperlyConfigured:
        # Django raises for an empty one.
        yield "SECRET_KEY", ""
    for position, key in enumerate(settings.SECRET_KEY_FALLBACKS):
        yield f"SECRET_KEY_FALLBACKS[{position}]", key
