"""Watches accounts: a new password, deactivation or deletion ends the sessions of a user at once.

What reaches the database past ``save()`` and ``delete()`` is noticed at the next refresh instead.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.functions import Now
from django.db.models.signals import post_save, pre_delete, pre_save

from jotpass.auth.account import auth_hashes_of
from jotpass.auth.models import Session, session_database
from jotpass.auth.renewed_hash import carry_sessions_over, watch_checks
from jotpass.auth.revocation import record_deletion, revoke_sessions, revoke_user

_WATCHED = {"password", "is_active"}


def connect() -> None:
    """Connect the receivers; which models are accounts is asked at each signal."""
    watch_checks(get_user_model())
    pre_save.connect(_follow_renewal, dispatch_uid="jotpass.follow_renewal")
    post_save.connect(_follow_account, dispatch_uid="jotpass.follow_account")
    pre_delete.connect(_record_deletion, sender=Session, dispatch_uid="jotpass.record_deletion")


def _is_account(sender: type) -> bool:
    # A proxy of the user model, or a table that extends it, is the same account under another class.
    return issubclass(sender, get_user_model())


def _follow_renewal(
    sender: type,
    instance: Any,
    *,
    raw: bool = False,
    update_fields: frozenset[str] | None = None,
    **_: object,
) -> None:
    if not raw and _is_account(sender) and (update_fields is None or "password" in update_fields):
        carry_sessions_over(instance)


def _follow_account(
    sender: type,
    instance: Any,
    *,
    created: bool,
    raw: bool = False,
    update_fields: frozenset[str] | None = None,
    **_: object,
) -> None:
    if not _is_account(sender):
        return
    if created or raw or (update_fields is not None and _WATCHED.isdisjoint(update_fields)):
        return
    if not instance.is_active:
        revoke_user(instance.pk, reason="account_inactive")
        return
    if "password" in instance.get_deferred_fields():
        return
    hashes = auth_hashes_of(instance)
    live = Session.objects.using(session_database()).filter(
        user=instance.pk, revoked_at=None, expires_at__gt=Now()
    )
    other_password = live.exclude(auth_hash__in=hashes)
    revoke_sessions(list(other_password.values_list("sid", flat=True)), reason="password_changed")


def _record_deletion(instance: Session, **_: object) -> None:
    record_deletion(instance)
