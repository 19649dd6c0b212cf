"""Who is signed in and which tokens they hold: the Django app ``jotpass``.

The names below are the Python API. They are loaded at first use, because models cannot be imported before
Django has its apps.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotpass.auth.asynchronous import (
        aauthenticate_request,
        aend_session,
        akeep_session,
        aload_user,
        arevoke_family,
        arevoke_session,
        arevoke_token,
        arevoke_user,
        arotate_refresh_token,
        astart_session,
    )
    from jotpass.auth.authentication import authenticate_request
    from jotpass.auth.cookies import clear_token_cookies, set_token_cookies
    from jotpass.auth.revocation import revoke_family, revoke_session, revoke_token, revoke_user
    from jotpass.auth.rotation import rotate_refresh_token
    from jotpass.auth.sessions import end_session, keep_session, start_session

_ROOMS = {
    "aauthenticate_request": "asynchronous",
    "aend_session": "asynchronous",
    "akeep_session": "asynchronous",
    "aload_user": "asynchronous",
    "arevoke_family": "asynchronous",
    "arevoke_session": "asynchronous",
    "arevoke_token": "asynchronous",
    "arevoke_user": "asynchronous",
    "arotate_refresh_token": "asynchronous",
    "astart_session": "asynchronous",
    "authenticate_request": "authentication",
    "clear_token_cookies": "cookies",
    "end_session": "sessions",
    "keep_session": "sessions",
    "revoke_family": "revocation",
    "revoke_session": "revocation",
    "revoke_token": "revocation",
    "revoke_user": "revocation",
    "rotate_refresh_token": "rotation",
    "set_token_cookies": "cookies",
    "start_session": "sessions",
}

__all__ = [
    "aauthenticate_request",
    "aend_session",
    "akeep_session",
    "aload_user",
    "arevoke_family",
    "arevoke_session",
    "arevoke_token",
    "arevoke_user",
    "arotate_refresh_token",
    "astart_session",
    "authenticate_request",
    "clear_token_cookies",
    "end_session",
    "keep_session",
    "revoke_family",
    "revoke_session",
    "revoke_token",
    "revoke_user",
    "rotate_refresh_token",
    "set_token_cookies",
    "start_session",
]


def __getattr__(name: str) -> object:
    """Load a name of the Python API from its room."""
    if name not in _ROOMS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
