"""Carry refresh tokens of djangorestframework-simplejwt into sessions, so that nobody is signed out.

In batches, each a transaction of its own: nothing is remembered but the batch, a run that was killed has lost
nothing, and the next one carries what is new. No token is needed for it, only what the tables say of it. Who
presents the token later is the holder of the session (`exchange`).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from jotpass.auth.account import auth_hash_of
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.models import Session, TokenFamily, session_database
from jotpass.auth.revocation import revoke_sessions
from jotpass.auth.simplejwt.carried_tokens import (
    FAMILIES,
    FIRST_GENERATION,
    REFRESH_TYPE,
    carried_family_id,
    carried_random_value,
)
from jotpass.auth.simplejwt.tables import IssuedToken, issued_tokens
from jotpass.auth.simplejwt.token_format import token_format
from jotpass.auth.transports import BODY
from jotpass.auth.uuid7 import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

DEFAULT_BATCH: Final = 1000
MAX_BATCH: Final = 5000
"""The keys of a batch are parameters of one statement, of which a database takes so many."""

CARRIED: Final = "carried"
CARRIED_BEFORE: Final = "carried_before"
SPENT: Final = "spent"
OTHER_TYPE: Final = "other_type"
NO_USER: Final = "no_user"
INACTIVE: Final = "inactive"
KINDS: Final = {
    CARRIED: "carried into sessions",
    CARRIED_BEFORE: "were carried before",
    SPENT: "are blacklisted",
    INACTIVE: "belong to inactive accounts",
    NO_USER: "belong to nobody",
    OTHER_TYPE: "are no refresh tokens",
}
"""What can come of a token that has not expired."""

_ATTEMPTS: Final = 5
_FIRST_MOMENT: Final = datetime.fromtimestamp(0, UTC)
"""No ``auth_time`` of an access token is before it."""


def carry(batch: int = DEFAULT_BATCH, *, dry_run: bool = False) -> Iterator[Counter[str]]:
    """Carry, and yield after each batch how many tokens went which of the ways of `KINDS`.

    A session whose token was blacklisted since it was carried, and has not been exchanged, ends.

    Args:
        batch: Rows at a time, at most MAX_BATCH.
        dry_run: Only count.
    """
    for tokens in issued_tokens(batch, type_claim=token_format().type_claim):
        yield _sorted(tokens) if dry_run else _carried(tokens)


def _sorted(tokens: list[IssuedToken]) -> Counter[str]:
    families, users = _families_of(tokens), _users_of(tokens)
    return Counter(_kind(token, families, users) for token in tokens)


def _carried(tokens: list[IssuedToken]) -> Counter[str]:
    """Carry a batch; disturbed by another run, or by accounts that go away, it begins again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _carried_once(tokens)
        except (IntegrityError, OperationalError):
            continue
    return _carried_once(tokens)


def _carried_once(tokens: list[IssuedToken]) -> Counter[str]:
    families, users = _families_of(tokens), _users_of(tokens)
    kinds = {token.key: _kind(token, families, users) for token in tokens}
    now = timezone.now()
    pairs = [_rows(token, users[token.user_id], now) for token in tokens if kinds[token.key] == CARRIED]
    using = session_database()
    with transaction.atomic(using=using):
        Session.objects.using(using).bulk_create(session for session, _ in pairs)
        TokenFamily.objects.using(using).bulk_create(family for _, family in pairs)
    unusable = (families.get(carried_family_id(token.jti)) for token in tokens if token.spent)
    revoke_sessions([sid for sid in unusable if sid is not None], reason="revoked_by_client")
    return Counter(kinds.values())


def _kind(token: IssuedToken, families: Mapping[UUID, UUID | None], users: Mapping[Any, Any]) -> str:
    if token.spent:
        return SPENT
    if token.token_type not in {"", REFRESH_TYPE}:
        return OTHER_TYPE
    if carried_family_id(token.jti) in families:
        return CARRIED_BEFORE
    user = users.get(token.user_id)
    if user is None:
        return NO_USER
    return CARRIED if user.is_active else INACTIVE


def _families_of(tokens: Iterable[IssuedToken]) -> dict[UUID, UUID | None]:
    """Find the families that there are, each with its session if that awaits its token."""
    names = [carried_family_id(token.jti) for token in tokens]
    rows = TokenFamily.objects.using(session_database()).filter(fid__in=names)
    return {
        fid: sid if generation == FIRST_GENERATION and revoked_at is None else None
        for fid, sid, generation, revoked_at in rows.values_list(
            "fid", "session_id", "generation", "revoked_at"
        )
    }


def _users_of(tokens: Iterable[IssuedToken]) -> dict[Any, Any]:
    keys = {token.user_id for token in tokens if token.user_id is not None}
    found: dict[Any, Any] = get_user_model()._base_manager.using(session_database()).in_bulk(keys)
    return found


def _rows(token: IssuedToken, user: Any, now: datetime) -> tuple[Session, TokenFamily]:
    """Make the rows of a token.

    When the person authenticated, and how, is not known: the row may come from a rotation. So the session
    passes for one that is as old as a session can be, and whoever asks for a recent authentication gets one.
    It lasts as long as one that began when the token was issued, and not less long than the token.
    """
    issued_at = min(token.created_at or now, now)
    lifetime = jotpass_settings.SESSION_LIFETIME
    session = Session(
        sid=uuid7(),
        user=user,
        auth_time=max(min(issued_at, now - lifetime), _FIRST_MOMENT),
        amr=[],
        created_at=issued_at,
        expires_at=max(issued_at + lifetime, token.expires_at),
        auth_hash=auth_hash_of(user),
    )
    family = TokenFamily(
        fid=carried_family_id(token.jti),
        session=session,
        client_id=jotpass_settings.CLIENTS[0],
        transport=BODY,
        generation=FIRST_GENERATION,
        rotated_at=issued_at,
        idle_expires_at=token.expires_at,
        last_used_at=issued_at,
        access_expires_at=issued_at,
        random_value=carried_random_value(token.jti),
    )
    return session, family


def is_anybody_waiting() -> bool:
    """Whether a session that was carried over awaits its token."""
    rows = TokenFamily.objects.using(session_database()).filter(fid__range=FAMILIES)
    waiting = rows.filter(generation=FIRST_GENERATION, revoked_at=None, idle_expires_at__gt=Now())
    return waiting.exists()
