"""Revoke a token, a family, a session or a user, and tell whether an access token is revoked.

Each revocation is recorded in the same transaction as, and before, what it revokes. Nothing here raises after
writing: the answer says how much was revoked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.device import device_of
from jotpass.auth.events import Event, emit_after_commit
from jotpass.auth.feed import RevocationFeed
from jotpass.auth.models import MAX_REASON_LENGTH, Revocation, Session, TokenFamily, session_database
from jotpass.auth.printable import printable
from jotpass.auth.row_locks import await_turn
from jotpass.auth.simplejwt.spending import spend_before_deleting, spend_before_revoking
from jotpass.auth.snapshot import readable, snapshot_age

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from django.db.models.expressions import Combinable
    from django.http import HttpRequest

    from jotpass.auth.access_tokens import AccessToken
    from jotpass.auth.feed_channel import RevocationChannel

SLACK: Final = timedelta(seconds=60)
"""How much longer than the last access token a revocation is kept: for the grace, and a wait on a lock."""

TAKEN_BACK_WITHIN: Final = timedelta(seconds=60)
"""A request that changes a password says within this time that its own session shall stay."""

SIGNED_OUT: Final = "signed_out"
"""The reason of a revocation that the person asked for; told as an event of its own besides."""

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a revocation ends that is taken back: on every clock."""

_CHUNK: Final = 500

_Access: TypeAlias = "tuple[datetime | None, timedelta | None]"
"""When the latest access token under a key ends, and the lifetime of the next if it has one of its own."""


def load_revocations(look_back: float | None) -> Iterator[tuple[str, bool]]:
    """Read the revocations in force, or those recorded in the last seconds: the loader of the feed.

    A row that ended before it was recorded takes back an earlier one.

    Raises:
        CannotReadNow: The connection is inside a transaction that has failed.
    """
    if channel := _channel():
        channel.listen()
    using = session_database()
    rows = Revocation.objects.using(using).order_by("pk")
    if look_back is None:
        rows = rows.filter(until__gt=earlier_clock())
    else:
        rows = rows.filter(recorded_at__gte=earlier_clock(timedelta(seconds=look_back)))
    in_force = ExpressionWrapper(Q(until__gt=F("recorded_at")), BooleanField())
    with readable(using):
        yield from rows.values_list("key", in_force)


def revokes_now() -> bool:
    """Whether the transaction under way has revoked something: it reads that, and may yet be rolled back."""
    waiting = connections[session_database()].run_on_commit
    return any(getattr(call, "func", None) == feed.add for _, call, *_ in waiting)


def earlier_clock(ago: timedelta = timedelta(0)) -> Combinable:
    """Return the present, or what it was some time ago, by the database or by this process: the earlier one.

    Either clock may be set while tokens live. What has ended by one of them counts until it has by both.
    """
    return Least(Now() - ago, Value(timezone.now() - ago))


feed: Final = RevocationFeed(
    load_revocations, in_doubt=revokes_now, snapshot_age=lambda: snapshot_age(session_database())
)


def revoke_token(access_token: AccessToken, *, reason: str, request: HttpRequest | None = None) -> bool:
    """Revoke one access token, by its ``jti`` (RFC 7009 s2).

    Returns:
        Whether this call revoked it; False when it was revoked before.
    """
    using = session_database()
    if Revocation.objects.using(using).filter(key=access_token.token_id).exists():
        return False
    with transaction.atomic(using=using):
        ends_at = datetime.fromtimestamp(access_token.expires_at, tz=timezone.get_current_timezone())
        _record({access_token.token_id: (ends_at, None)}, using)
        event = Event(
            name="revoked",
            user_id=access_token.subject,
            session_id=access_token.session_id,
            family_id=access_token.family_id,
            client_id=access_token.client_id,
            reason=reason,
            device=device_of(request),
        )
        emit_after_commit(event, using=using, request=request)
    return True


def revoke_family(family_id: UUID, *, reason: str, request: HttpRequest | None = None) -> bool:
    """Revoke one token family: its refresh tokens at once, its access tokens through the feed.

    Returns:
        Whether this call revoked it; False when it is unknown or was revoked before.
    """
    using = session_database()
    family = (
        TokenFamily.objects.using(using)
        .filter(fid=family_id, revoked_at=None)
        .select_related("session")
        .defer("session__auth_hash")
        .first()
    )
    if family is None:
        return False
    with transaction.atomic(using=using):
        _record({str(family.fid): (family.access_expires_at, family.access_lifetime)}, using)
        live = TokenFamily.objects.using(using).filter(fid=family.fid, revoked_at=None)
        spend_before_revoking(live, reason)
        revoked = live.update(**_revoked(reason)) == 1
        if revoked:
            event = _event(family.session, reason, request, family=family)
            emit_after_commit(event, using=using, request=request)
    return revoked


def revoke_session(session_id: UUID, *, reason: str, request: HttpRequest | None = None) -> bool:
    """Revoke one session with all its families.

    Returns:
        Whether this call revoked it; False when it is unknown or was revoked before.
    """
    return revoke_sessions([session_id], reason=reason, request=request) == 1


def revoke_user(
    user: Any,
    *,
    reason: str,
    keep: UUID | None = None,
    request: HttpRequest | None = None,
) -> int:
    """Revoke every live session of a user.

    Args:
        user: The user, or the primary key.
        reason: A short word for the record, which keeps its first 40 characters; the event has the whole.
        keep: The ``sid`` of a session to spare.
        request: The request in which it happens.

    Returns:
        How many sessions this call revoked.
    """
    live = Session.objects.using(session_database()).filter(user=user, revoked_at=None, expires_at__gt=Now())
    if keep is not None:
        live = live.exclude(sid=keep)
    return revoke_sessions(list(live.values_list("sid", flat=True)), reason=reason, request=request)


def revoke_sessions(session_ids: Iterable[UUID], *, reason: str, request: HttpRequest | None = None) -> int:
    """Revoke sessions by their ``sid``; return how many this call revoked."""
    using = session_database()
    pending = list(session_ids)
    return sum(
        _revoke_chunk(pending[start : start + _CHUNK], using, reason, request)
        for start in range(0, len(pending), _CHUNK)
    )


def _revoke_chunk(session_ids: list[UUID], using: str, reason: str, request: HttpRequest | None) -> int:
    sessions = Session.objects.using(using).filter(sid__in=session_ids)
    families_of = sessions.filter(revoked_at=None).order_by()
    access = families_of.annotate(
        last=Max("family__access_expires_at"), lifetime=Max("family__access_lifetime")
    )
    reach = {
        str(sid): (last, longest) for sid, last, longest in access.values_list("sid", "last", "lifetime")
    }
    if not reach:
        return 0
    with transaction.atomic(using=using):
        _record(reach, using)
        live = list(sessions.filter(revoked_at=None).select_for_update().order_by("sid").defer("auth_hash"))
        revoked_ids = [session.sid for session in live]
        families = TokenFamily.objects.using(using).filter(session_id__in=revoked_ids, revoked_at=None)
        spend_before_revoking(families, reason)
        revoked = sessions.filter(sid__in=revoked_ids, revoked_at=None).update(**_revoked(reason))
        families.update(**_revoked(reason))
        for session in live[:revoked]:
            event = _event(session, reason, request)
            emit_after_commit(event, using=using, request=request)
            if reason == SIGNED_OUT:
                emit_after_commit(replace(event, name=SIGNED_OUT), using=using, request=request)
    return revoked


def _revoked(reason: str) -> dict[str, Any]:
    """Return what a revocation writes into a row; it must not fail over its label.

    So the label is what the column can hold: the beginning of the reason, without NUL and the like. The event
    has the whole.
    """
    return {"revoked_at": Now(), "revoked_reason": printable(reason[:MAX_REASON_LENGTH])}


def record_deletion(session: Session) -> None:
    """Record that a session is about to be deleted, if access tokens may outlive the row.

    Called in the transaction that deletes, it also locks in the order of every other change: the account,
    its sessions, their families. A deletion takes them the other way round.
    """
    using = session_database()
    no_key = connections[using].features.has_select_for_no_key_update
    account = get_user_model()._base_manager.using(using).select_for_update(no_key=no_key)
    families = TokenFamily.objects.filter(session=OuterRef("pk")).order_by()
    ended = Now() - (jotpass_settings.LEEWAY + SLACK)
    alive = Q(revoked_at=None, expires_at__gt=ended)
    with transaction.atomic(using=using, savepoint=False):
        await_turn(Session.objects.using(using).filter(pk=session.pk), "label")
        rows = Session.objects.using(using).select_for_update().order_by().filter(pk=session.pk)
        # The sub-select is answered, and so the account is locked, before the session is found.
        rows = rows.filter(user=Subquery(account.filter(pk=session.user_id).order_by().values("pk")[:1]))
        last = Subquery(families.order_by("-access_expires_at").values("access_expires_at")[:1])
        longest = families.filter(access_lifetime__isnull=False).order_by("-access_lifetime")
        lifetime = Subquery(longest.values("access_lifetime")[:1])
        found = list(
            rows.annotate(alive=alive, last=last, lifetime=lifetime).values_list("alive", "last", "lifetime")
        )
        for alive_now, *reach in found:
            if alive_now:
                _record({str(session.sid): tuple(reach)}, using)
        spend_before_deleting(TokenFamily.objects.using(using).filter(session=session.pk))


def take_back(session_id: UUID, *, reason: str) -> bool:
    """Undo a revocation of these seconds, if this was its reason; return whether it was undone.

    The list of revocations is only ever appended to by others: a row that ends in the past tells every
    process that has already read the revocation to forget it.
    """
    using = session_database()
    with transaction.atomic(using=using):
        lately = Session.objects.using(using).filter(sid=session_id, revoked_at__gt=Now() - TAKEN_BACK_WITHIN)
        if not lately.filter(revoked_reason=reason).update(revoked_at=None, revoked_reason=""):
            return False
        families = TokenFamily.objects.using(using).filter(session_id=session_id, revoked_reason=reason)
        families.update(revoked_at=None, revoked_reason="")
        Revocation.objects.using(using).filter(key=str(session_id)).delete()
        Revocation.objects.using(using).create(key=str(session_id), recorded_at=Now(), until=_LONG_AGO)
        _spread([str(session_id)], using, revoked=False)
    return True


def _record(access: Mapping[str, _Access], using: str) -> None:
    """Append a row for each key, to be kept until its last access token has surely ended.

    The end is told to the database as a distance from its own clock, and as the moment that the token names:
    whichever is later, for this process's clock may be set right meanwhile. A refresh that wins before the
    revocation does may issue one more access token, so a whole lifetime is always left.
    """
    here = timezone.now()
    usual = jotpass_settings.ACCESS_TOKEN_LIFETIME
    margin = jotpass_settings.LEEWAY + SLACK
    Revocation.objects.using(using).bulk_create(
        Revocation(
            key=key,
            recorded_at=Now(),
            until=Greatest(Now() + (end - here), Value(end)),
        )
        for key, end in (
            (key, max(here + usual, here + (own or usual), last or here) + margin)
            for key, (last, own) in access.items()
        )
    )
    _spread(list(access), using, revoked=True)


def _spread(keys: list[str], using: str, *, revoked: bool) -> None:
    """Tell this process, and after the commit every other, what is being written."""
    transaction.on_commit(partial(feed.add, keys, revoked=revoked), using=using)
    if channel := _channel():
        transaction.on_commit(channel.publish, using=using, robust=True)
    feed.hurry()


def _channel() -> RevocationChannel | None:
    """Return the channel over which processes tell each other to look; None where there is none."""
    url = jotpass_settings.REVOCATION_REDIS_URL
    if url is None:
        return None
    try:
        from jotpass.auth.feed_channel import channel_of  # noqa: PLC0415 (an extra that need not be installed)
    except ImportError:
        # The system checks say so; who does without them does without Redis.
        feed.redis_connected = False
        return None
    return channel_of(url, f"jotpass:{jotpass_settings.ISSUER}:revoked", feed)


def _event(
    session: Session,
    reason: str,
    request: HttpRequest | None,
    *,
    family: TokenFamily | None = None,
) -> Event:
    return Event(
        name="revoked",
        user_id=str(session.user_id),
        session_id=str(session.sid),
        family_id=str(family.fid) if family else "",
        client_id=family.client_id if family else "",
        reason=reason,
        device=device_of(request),
        previous_device=session.device,
    )
