"""System checks of a move from djangorestframework-simplejwt: can its tokens be verified, and is it over?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError

from jotpass import jose
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.models import session_database
from jotpass.auth.simplejwt.carrying import is_anybody_waiting
from jotpass.auth.simplejwt.token_format import token_format, verifier_of
from jotpass.auth.transports import BODY, transport_policy

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_carried_tokens(**_: object) -> list[CheckMessage]:
    """What SIMPLE_JWT says verifies the tokens that SIMPLEJWT_TOKENS accepts (E060, E061)."""
    try:
        if not jotpass_settings.SIMPLEJWT_TOKENS:
            return []
        by_body = BODY in transport_policy().allowed
    except ImproperlyConfigured:
        return []
    found: list[CheckMessage] = []
    try:
        verifier_of(token_format())
    except (jose.JoseError, TypeError, ValueError) as error:
        # Neither names the key.
        found.append(
            Error(
                f"JOTPASS['SIMPLEJWT_TOKENS'] is True, and SIMPLE_JWT has no key that verifies: {error}.",
                "Leave SIMPLE_JWT as it was when the tokens were issued, until they have been exchanged.",
                id="jotpass.E060",
            )
        )
    if not by_body:
        found.append(
            Error(
                "JOTPASS['SIMPLEJWT_TOKENS'] is True, and TRANSPORTS lacks 'body', by which they come.",
                id="jotpass.E061",
            )
        )
    return found


def check_carrying_is_over(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Somebody still has a token that SIMPLEJWT_TOKENS is for (W030). Asked where the database may be."""
    if session_database() not in (databases or ()):
        return []
    try:
        if not jotpass_settings.SIMPLEJWT_TOKENS or is_anybody_waiting():
            return []
    except (DatabaseError, ImproperlyConfigured):
        # Not migrated yet, or told by another check.
        return []
    return [
        CheckWarning(
            "JOTPASS['SIMPLEJWT_TOKENS'] is True, and no token of djangorestframework-simplejwt awaits its "
            "exchange.",
            "Take the setting and SIMPLE_JWT away, unless you have yet to run: "
            "manage.py jotpass migrate-from-simplejwt",
            id="jotpass.W030",
        )
    ]
