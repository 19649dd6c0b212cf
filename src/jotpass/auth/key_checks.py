"""System checks of the stored keys: is the issuer named, does every key open, and by the newest secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError

from jotpass.auth.conf import LOCAL_ISSUER, jotpass_settings
from jotpass.auth.given_keys import judge_sources
from jotpass.auth.key_ring import DERIVED_ALGORITHM
from jotpass.auth.models import SigningKey, session_database
from jotpass.auth.signing_keys import opened_by
from jotpass.keys.rollover import KeyState

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_named_issuer(**_: object) -> list[CheckMessage]:
    """With a key pair others verify, and they must know whose token it is (E035)."""
    try:
        named = {jotpass_settings.ISSUER, jotpass_settings.AUDIENCE}
        stored = jotpass_settings.SIGNING_ALGORITHM != DERIVED_ALGORITHM
        several = jotpass_settings.SITE_RESOLVER is not None
    except (ImproperlyConfigured, TypeError):
        return []
    if not stored or several or LOCAL_ISSUER not in named:
        return []
    return [
        Error(
            "JOTPASS['SIGNING_ALGORITHM'] is that of a key pair, and ISSUER or AUDIENCE is unset: others "
            "could not tell whose tokens these are.",
            "Set both to the https address of this service.",
            id="jotpass.E035",
        )
    ]


def check_given_keys(**_: object) -> list[CheckMessage]:
    """The files and variables of SIGNING_KEYS hold keys that sign with the algorithm (E039)."""
    try:
        sources, algorithm = jotpass_settings.SIGNING_KEYS, jotpass_settings.SIGNING_ALGORITHM
    except ImproperlyConfigured:
        return []
    if not sources or algorithm == DERIVED_ALGORITHM:
        return []
    fault = judge_sources(sources, algorithm)
    return [Error(f"JOTPASS['SIGNING_KEYS'] cannot be used: {fault}.", id="jotpass.E039")] if fault else []


def check_stored_keys(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every key opens (E036). Asked where the database may be."""
    return [
        Error(
            f"The {key.state} key {key.kid} opens by neither SECRET_KEY nor SECRET_KEY_FALLBACKS.",
            "Put the former SECRET_KEY into SECRET_KEY_FALLBACKS, or replace the key with: "
            f"manage.py jotpass keys revoke {key.kid}",
            id="jotpass.E036",
        )
        for key in _stored_keys(databases)
        if opened_by(key) is None
    ]


def check_fallback_keys(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every key that opens does so by SECRET_KEY itself (E037).

    Asked where a deployment is checked: `migrate` asks of the database as well, and must not stop the release
    that brings the new secret, for only behind it can the keys be sealed anew.
    """
    return [
        Error(
            f"The {key.state} key {key.kid} opens only by a fallback of SECRET_KEY.",
            "Before you take the fallback away: manage.py jotpass keys rewrap",
            id="jotpass.E037",
        )
        for key in _stored_keys(databases)
        if opened_by(key)
    ]


def _stored_keys(databases: Iterable[str] | None) -> list[SigningKey]:
    if session_database() not in (databases or ()):
        return []
    try:
        if jotpass_settings.SIGNING_ALGORITHM == DERIVED_ALGORITHM or jotpass_settings.SIGNING_KEYS:
            return []
        return list(SigningKey.objects.using(session_database()).exclude(state=KeyState.REMOVED))
    except (DatabaseError, ImproperlyConfigured):
        # Not migrated yet, or told by another check.
        return []
