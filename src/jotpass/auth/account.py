"""Is the account behind a session still the one that signed in: active, with the same password?

The session keeps the hash that Django derives from the password (``get_session_auth_hash``), and its
fallbacks count while SECRET_KEY rolls over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connections
from django.db.models import Subquery
from django.utils.crypto import constant_time_compare

from jotpass.auth.models import Session, session_database

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


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
        stamp(sid, current, instead_of=auth_hash)
        return ""
    return "password_changed"


def stamp(sid: UUID, auth_hash: str, *, instead_of: str | None = None) -> None:
    """Bind a session to a password's hash, or only if it is bound to a certain other one."""
    session = Session.objects.using(session_database()).filter(sid=sid)
    if instead_of is not None:
        session = session.filter(auth_hash=instead_of)
    session.update(auth_hash=auth_hash)


def unchanged_account(user: Any) -> Subquery:
    """Return the primary key as the database gives it if the account is still as it is here, else NULL.

    To be written into a row that must not come to be otherwise. It locks the account until the end of the
    transaction: who changes it at the same time either is seen here, or sees what is written.
    """
    same = {
        name: getattr(user, name) for name in ("is_active", "password") if _has_column(get_user_model(), name)
    }
    return Subquery(_locking(user).filter(**same).values("pk"))


def hold_account(user: Any) -> None:
    """Lock the account until the end of the transaction, if there is one.

    Whoever is about to change its sessions and then the account itself calls it first: everybody locks the
    account before its sessions, and two that lock in different order wait for ever.
    """
    connection = connections[session_database()]
    # Without such locks this would be a read before the write, and nothing else.
    if connection.in_atomic_block and connection.features.has_select_for_update:
        _locking(user).values_list("pk").first()


def _locking(user: Any) -> QuerySet[Any]:
    using = session_database()
    no_key = connections[using].features.has_select_for_no_key_update
    accounts = get_user_model()._base_manager.using(using).select_for_update(no_key=no_key)
    return accounts.filter(pk=user.pk).order_by()


def _has_column(user_model: Any, name: str) -> bool:
    try:
        return bool(user_model._meta.get_field(name).concrete)
    except FieldDoesNotExist:
        return False
