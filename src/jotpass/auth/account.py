"""Is the account behind a session still the one that signed in: active, with the same password?

The session keeps the hash that Django derives from the password (``get_session_auth_hash``), and its
fallbacks count while SECRET_KEY rolls over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.crypto import constant_time_compare

from jotpass.auth.models import Session, session_database

if TYPE_CHECKING:
    from uuid import UUID


def auth_hash_of(user: Any) -> str:
    """Return the hash that changes with the user's password; empty for user models that have none."""
    derive = getattr(user, "get_session_auth_hash", None)
    return derive() if derive else ""


def auth_hashes_of(user: Any) -> list[str]:
    """Return that hash, then those under SECRET_KEY_FALLBACKS."""
    fallbacks = getattr(user, "get_session_auth_fallback_hash", None)
    return [auth_hash_of(user), *(fallbacks() if fallbacks else ())]


def account_refusal(user: Any, auth_hash: str, sid: UUID) -> str:
    """Say why a session of this user must end; empty when it may go on.

    A hash made with a fallback of SECRET_KEY is written anew, so that the session survives the fallback.
    """
    if not user.is_active:
        return "account_inactive"
    current = auth_hash_of(user)
    if constant_time_compare(auth_hash, current):
        return ""
    if any(constant_time_compare(auth_hash, known) for known in auth_hashes_of(user)[1:]):
        stamp(sid, current)
        return ""
    return "password_changed"


def stamp(sid: UUID, auth_hash: str) -> None:
    """Bind a session to a password's hash."""
    Session.objects.using(session_database()).filter(sid=sid).update(auth_hash=auth_hash)
