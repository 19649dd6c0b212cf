"""Watches accounts: a new password, deactivation or deletion ends the sessions of a user at once.

What reaches the database past ``save()`` and ``delete()`` is noticed at the next refresh instead.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import is_password_usable
from django.db.models.functions import Now
from django.db.models.signals import post_save, pre_delete, pre_save

from jotpass.auth.account import auth_hashes_of
from jotpass.auth.models import Session, session_database
from jotpass.auth.revocation import record_deletion, revoke_sessions, revoke_user

_BEFORE_REHASH = "_jotpass_hashes_before_rehash"
_WATCHED = {"password", "is_active"}


def connect() -> None:
    """Connect the receivers; which models are accounts is asked at each signal."""
    pre_save.connect(_note_rehash, dispatch_uid="jotpass.note_rehash")
    post_save.connect(_follow_account, dispatch_uid="jotpass.follow_account")
    pre_delete.connect(_record_deletion, sender=Session, dispatch_uid="jotpass.record_deletion")


def _is_account(sender: type) -> bool:
    # A proxy of the user model, or a table that extends it, is the same account under another class.
    return issubclass(sender, get_user_model())


def _note_rehash(
    sender: type,
    instance: Any,
    *,
    raw: bool = False,
    update_fields: frozenset[str] | None = None,
    **_: object,
) -> None:
    """Remember the old hashes when Django is about to hash the same password anew.

    Its ``check_password`` calls ``set_password``, denies that it did, and saves the password alone. A
    password that somebody set is still known to the instance while it is saved, and one that was hashed by
    hand never was.
    """
    if not _is_account(sender):
        return
    instance.__dict__.pop(_BEFORE_REHASH, None)
    if raw or update_fields is None or set(update_fields) != {"password"}:
        return
    if instance.__dict__.get("_password", "") is not None or not is_password_usable(instance.password):
        return
    stored = type(instance)._base_manager.using(session_database()).filter(pk=instance.pk)
    before = stored.values_list("password", flat=True).first()
    if before is None:
        return
    after, instance.password = instance.password, before
    try:
        hashes = auth_hashes_of(instance)
    finally:
        instance.password = after
    setattr(instance, _BEFORE_REHASH, hashes)


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
    before = instance.__dict__.pop(_BEFORE_REHASH, None)
    if not instance.is_active:
        revoke_user(instance.pk, reason="account_inactive")
        return
    if "password" in instance.get_deferred_fields():
        return
    hashes = auth_hashes_of(instance)
    live = Session.objects.using(session_database()).filter(
        user=instance.pk, revoked_at=None, expires_at__gt=Now()
    )
    if before is not None:
        live.filter(auth_hash__in=before).update(auth_hash=hashes[0])
        # What the denial leaves behind must not excuse a hash that is set by hand on this instance later.
        instance.__dict__.pop("_password", None)
        return
    other_password = live.exclude(auth_hash__in=hashes)
    revoke_sessions(list(other_password.values_list("sid", flat=True)), reason="password_changed")


def _record_deletion(instance: Session, **_: object) -> None:
    record_deletion(instance)
