"""Whoever signs out here is signed out there, too: tokens that were not exchanged yet are taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.simplejwt.carried_tokens import FAMILIES, FIRST_GENERATION, carried_family_id
from jotpass.auth.simplejwt.tables import spend_chosen

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from jotpass.auth.models import TokenFamily

_EXPRESSED: Final = frozenset({"signed_out", "revoked_by_admin", "revoked_by_client"})
"""Reasons that somebody has expressed. A changed password never ended tokens there, and does not now."""


def spend_before_revoking(families: QuerySet[TokenFamily], reason: str) -> None:
    """Blacklist the tokens of carried families, for the views of djangorestframework-simplejwt.

    Call it in the transaction that revokes, before the families change: an exchange locks in the same order.

    Args:
        families: What is about to be revoked.
        reason: Why.
    """
    if reason in _EXPRESSED:
        spend_before_deleting(families.filter(revoked_at=None))


def spend_before_deleting(families: QuerySet[TokenFamily]) -> None:
    """Blacklist the tokens of carried families that go without a trace: the next run would carry them anew.

    Call it in the transaction that deletes, before the families go.

    Args:
        families: What is about to be deleted.
    """
    if not jotpass_settings.SIMPLEJWT_TOKENS:
        return
    waiting = families.filter(fid__range=FAMILIES, generation=FIRST_GENERATION)
    users = dict(waiting.values_list("fid", "session__user_id"))
    if users:
        spend_chosen(set(users.values()), lambda jti: carried_family_id(jti) in users)
