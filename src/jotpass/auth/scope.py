"""Scope: what an access token may be used for (RFC 6749 s3.3), and how much of it a sign-in is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.setting_values import MAX_SCOPE_LENGTH, SCOPE_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable

_ONE: Final = re.compile(SCOPE_TOKEN)
_SEVERAL: Final = re.compile(rf"{SCOPE_TOKEN}( {SCOPE_TOKEN})*")


def parse_scope(scope: str) -> tuple[str, ...]:
    """Take apart the parameter ``scope`` (RFC 6749 s3.3).

    Returns:
        Its scopes, each once, in the order in which they came.

    Raises:
        ValueError: It is spelled otherwise, or longer than `MAX_SCOPE_LENGTH` characters.
    """
    if not scope:
        return ()
    if len(scope) > MAX_SCOPE_LENGTH or not _SEVERAL.fullmatch(scope):
        message = f"scope must be names separated by one space, in at most {MAX_SCOPE_LENGTH} characters"
        raise ValueError(message)
    return tuple(dict.fromkeys(scope.split(" ")))


def join_scopes(scopes: Iterable[str]) -> str:
    """Write scopes as a token and the wire carry them, each once.

    Raises:
        ValueError: One of them is not the name of a scope, or they are one string.
    """
    names: list[object] = [] if isinstance(scopes, str) else list(scopes)
    if isinstance(scopes, str) or not all(isinstance(name, str) and _ONE.fullmatch(name) for name in names):
        message = "scopes must be several strings, each the name of a scope"
        raise ValueError(message)
    return " ".join(parse_scope(" ".join(map(str, names))))


def askable(scopes: Iterable[str]) -> bool:
    """Whether a client may ask for these at sign-in; a rule of the project decides later, by the user."""
    allowed = jotpass_settings.SCOPES
    return callable(allowed) or set(scopes) <= set(allowed or ())


def granted_scope(user: Any, client_id: str, asked: tuple[str, ...]) -> str:
    """Decide how much of what a client asked for at sign-in it is given, by the setting SCOPES.

    Args:
        user: Who signs in.
        client_id: At which client.
        asked: What was asked for; `askable`.

    Raises:
        ImproperlyConfigured: The project's rule returned what is no scope.
    """
    rule = jotpass_settings.SCOPES
    if not callable(rule):
        return join_scopes(asked)
    try:
        return join_scopes(rule(user, client_id, frozenset(asked)))
    except (TypeError, ValueError) as error:
        message = "JOTPASS['SCOPES'] must return the names of scopes."
        raise ImproperlyConfigured(message) from error
