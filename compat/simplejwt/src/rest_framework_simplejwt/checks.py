"""System checks. Ids are stable: ``simplejwt.E0nn`` is an error, ``W0nn`` a warning, ``I0nn`` information.

What is at odds with the settings' own word is told by every ``manage.py check``. What works as it always
did, and is kept for those who depend on it, is told by ``check --deploy`` alone, with what Jotpass itself
does instead: as a warning where a setting would mend it, else as information. Settings that cannot be read
at all raise when the package is imported.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info
from django.core.checks import Warning as CheckWarning
from django.urls import URLResolver, get_resolver

from jotpass import jose
from jotpass.auth.simplejwt.keys import read_key
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from rest_framework_simplejwt.settings import DEFAULTS, api_settings
from rest_framework_simplejwt.tokens import BlacklistMixin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_APP: Final = "rest_framework_simplejwt.token_blacklist"


def faults() -> list[CheckMessage]:
    """Tell where the project does not do what its settings say."""
    unknown = [_unknown(name) for name in api_settings.user_settings if name not in DEFAULTS]
    return [*unknown, *_of_keys(), *_of_the_books()]


def advice() -> list[CheckMessage]:
    """Tell what is kept for compatibility, and what Jotpass itself does instead."""
    return [*_of_rotation(), *_of_revocation(), *_of_the_key(), *_of_verification()]


def _unknown(name: object) -> CheckMessage:
    close = difflib.get_close_matches(str(name).strip(), DEFAULTS, n=1)
    return CheckWarning(
        f"SIMPLE_JWT[{name!r}] is a name that nobody knows: it has no effect.",
        f"Did you mean {close[0]!r}?" if close else "Remove it.",
        id="simplejwt.W002",
    )


def _of_keys() -> Iterator[CheckMessage]:
    algorithm = api_settings.ALGORITHM
    if algorithm.startswith("HS"):
        enough = SIGNATURE_ALGORITHMS[algorithm].minimum_secret_bytes
        yield from _of_a_secret(api_settings.SIGNING_KEY, enough, algorithm)
        return
    written = api_settings.user_settings
    # One with a JWK_URL has no key to verify with, and a service that only verifies none to sign with.
    verifies = bool(api_settings.JWK_URL)
    if written.get("VERIFYING_KEY") and not verifies:
        verifies = _is_key("VERIFYING_KEY", algorithm)
        if not verifies:
            yield _no_key("VERIFYING_KEY", algorithm)
    if written.get("SIGNING_KEY") and not _is_key("SIGNING_KEY", algorithm):
        yield _nothing_to_sign_with(algorithm) if verifies else _no_key("SIGNING_KEY", algorithm)


def _of_a_secret(secret: Any, enough: int, algorithm: str) -> Iterator[CheckMessage]:
    octets = secret.encode() if isinstance(secret, str) else secret
    if not isinstance(octets, bytes):
        return
    if not octets:
        yield Error("SIMPLE_JWT['SIGNING_KEY'] is empty.", id="simplejwt.E001")
    elif len(octets) < enough:
        yield CheckWarning(
            f"SIMPLE_JWT['SIGNING_KEY'] has {len(octets)} bytes: {algorithm} asks for {enough} (RFC 7518 "
            "section 3.2), and whoever guesses it signs in as anybody.",
            "It works, because a longer one signs everybody out. Change it when that can be borne. Jotpass "
            "derives its keys from SECRET_KEY, honours SECRET_KEY_FALLBACKS, and accepts no short one.",
            id="simplejwt.W001",
        )


def _is_key(name: str, algorithm: str) -> bool:
    try:
        read_key(getattr(api_settings, name), algorithm)
    except (jose.JoseError, TypeError, ValueError):
        return False
    return True


# Neither shows what was written: it may be a private key.
def _no_key(name: str, algorithm: str) -> CheckMessage:
    return Error(f"SIMPLE_JWT[{name!r}] is no key for {algorithm}.", id="simplejwt.E001")


def _nothing_to_sign_with(algorithm: str) -> CheckMessage:
    return CheckWarning(
        f"SIMPLE_JWT['SIGNING_KEY'] is no key for {algorithm}: tokens are verified, and none can be signed.",
        "Leave it out if this project only verifies the tokens of another.",
        id="simplejwt.W012",
    )


def _of_the_books() -> Iterator[CheckMessage]:
    if api_settings.BLACKLIST_AFTER_ROTATION and not apps.is_installed(_APP):
        yield CheckWarning(
            f"SIMPLE_JWT['BLACKLIST_AFTER_ROTATION'] is on, and the app {_APP} is not installed: no token "
            "is ever taken back, unless its own class keeps another list.",
            f"Add {_APP!r} to INSTALLED_APPS, and run migrate.",
            id="simplejwt.W003",
        )


def _of_rotation() -> Iterator[CheckMessage]:
    if not api_settings.ROTATE_REFRESH_TOKENS:
        return
    if not api_settings.BLACKLIST_AFTER_ROTATION:
        yield CheckWarning(
            "SIMPLE_JWT['ROTATE_REFRESH_TOKENS'] without BLACKLIST_AFTER_ROTATION: the former refresh token "
            "stays valid.",
            "Set BLACKLIST_AFTER_ROTATION. Jotpass always replaces the former token, and ends the family "
            "when it is presented again.",
            id="simplejwt.W004",
        )
    yield Info(
        "SIMPLE_JWT['ROTATE_REFRESH_TOKENS']: each exchange begins a full REFRESH_TOKEN_LIFETIME, without "
        "an absolute end.",
        "In Jotpass a session ends after JOTPASS['SESSION_LIFETIME'], however often it was refreshed.",
        id="simplejwt.I005",
    )


def _of_revocation() -> Iterator[CheckMessage]:
    if api_settings.CHECK_REVOKE_TOKEN:
        yield CheckWarning(
            f"SIMPLE_JWT['CHECK_REVOKE_TOKEN']: the claim {api_settings.REVOKE_TOKEN_CLAIM!r} shows the MD5 "
            "of the password's hash to whoever holds a token, and changes when Django hashes the same "
            "password anew.",
            "Jotpass compares the session auth hash, which no token shows, and knows a new hash of the same "
            "password.",
            id="simplejwt.W006",
        )
    lasting = [one.__name__ for one in api_settings.AUTH_TOKEN_CLASSES if not issubclass(one, BlacklistMixin)]
    if lasting:
        yield Info(
            f"Signing out takes back no {lasting[0]}: it opens views until it expires, "
            f"{api_settings.ACCESS_TOKEN_LIFETIME} after it was issued.",
            "Keep ACCESS_TOKEN_LIFETIME short. In Jotpass signing out reaches access tokens, by "
            "JOTPASS['REVOCATION'].",
            id="simplejwt.I007",
        )


def _of_the_key() -> Iterator[CheckMessage]:
    if api_settings.ALGORITHM.startswith("HS") and api_settings.SIGNING_KEY == settings.SECRET_KEY:
        yield CheckWarning(
            "Tokens are signed with SECRET_KEY itself, as much else in Django is, and SECRET_KEY_FALLBACKS "
            "is not honoured: whoever changes it signs everybody out.",
            "Set SIMPLE_JWT['SIGNING_KEY']. Jotpass derives a key for each purpose, and honours "
            "SECRET_KEY_FALLBACKS.",
            id="simplejwt.W008",
        )
    elif not api_settings.JWK_URL:
        yield Info(
            "There is one key and no other beside it: whoever changes it signs everybody out.",
            "Jotpass keeps a key ring, rolls it over by manage.py jotpass keys, and publishes jwks.json.",
            id="simplejwt.I009",
        )
    missing = [name for name in ("ISSUER", "AUDIENCE") if api_settings.user_settings.get(name) is None]
    if missing:
        yield CheckWarning(
            f"SIMPLE_JWT[{missing[0]!r}] is unset: a token that another service signed with the same key "
            "passes for one of this service, if it has exp, jti and the right token_type.",
            "Set both; tokens from before are refused then. Jotpass stamps and asks for both, and every kind "
            "of token has a type and a key of its own.",
            id="simplejwt.W010",
        )


def _of_verification() -> Iterator[CheckMessage]:
    from rest_framework_simplejwt.views import TokenVerifyView  # noqa: PLC0415 (views are no concern of other checks)

    if any(issubclass(view, TokenVerifyView) for view in _views(get_resolver().url_patterns)):
        yield Info(
            "TokenVerifyView calls a token valid whose user is inactive or gone, takes tokens of any type, "
            "and answers 400 for one that was taken back, 401 for any other.",
            "Jotpass's token/verify/ takes access tokens alone, and answers 200 or 401.",
            id="simplejwt.I011",
        )


def _views(patterns: Iterable[Any]) -> Iterator[type]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
        elif isinstance(view := getattr(pattern.callback, "cls", None), type):
            yield view
