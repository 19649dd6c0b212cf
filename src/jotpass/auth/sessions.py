"""Start, list, keep, re-authenticate and end sessions."""

from __future__ import annotations

import base64
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connections, transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken
from jotpass.auth.account import account_refusal, auth_hash_of, hold_account, stamp, unchanged_account
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.device import device_of
from jotpass.auth.family_row import FamilyRow, load_family, tell
from jotpass.auth.lifetimes import lifetimes_of_sign_in
from jotpass.auth.minting import mint_pair
from jotpass.auth.models import MAX_ACR_LENGTH, Session, TokenFamily, session_database
from jotpass.auth.printable import is_printable
from jotpass.auth.refresh_tokens import Outcome, Verdict
from jotpass.auth.request_user import check_primary_key
from jotpass.auth.revocation import SIGNED_OUT, revoke_session, revoke_sessions, take_back
from jotpass.auth.rotation import advance
from jotpass.auth.row_locks import hold_rows
from jotpass.auth.scope import join_scopes, parse_scope
from jotpass.auth.sites import chosen_site
from jotpass.auth.transports import BODY, transport_policy
from jotpass.auth.uuid7 import parse_uuid, uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from django.http import HttpRequest

    from jotpass.auth.lifetimes import Lifetimes
    from jotpass.auth.minting import MintedPair
    from jotpass.auth.token_pair import TokenPair

FIRST_PARTY: Final = "first-party"

SESSION_LIMIT: Final = "session_limit"
"""The reason of a revocation that makes room for another sign-in."""

_ATTEMPTS: Final = 8


@sensitive_variables()
def start_session(
    user: Any,
    request: HttpRequest | None = None,
    *,
    client_id: str = FIRST_PARTY,
    transport: str | None = None,
    amr: Iterable[str] = ("pwd",),
    acr: str = "",
    scope: str = "",
    remember_me: bool = False,
) -> TokenPair:
    """Start a session for a person whom the caller has authenticated.

    Its times are the database's, whatever the clock of this server says. With SESSIONS_PER_USER, the sessions
    that were not used for the longest end for it, all in one transaction that holds the account.

    Args:
        user: An active user.
        request: The request in which it happens: its site issues the tokens, and its user agent and address
            are remembered. Without one the tokens are those of ISSUER and AUDIENCE.
        client_id: One of the setting CLIENTS.
        transport: One of the setting TRANSPORTS, the first of them when not given. `TokenPair.json` and
            `set_token_cookies` carry the pair accordingly.
        amr: How the person authenticated (RFC 8176).
        acr: The authentication context class (OpenID Connect Core s2).
        scope: What its access tokens may be used for: names, separated by spaces (RFC 6749 s3.3).
        remember_me: The person's wish, for the callable of the setting LIFETIMES.

    Raises:
        ImproperlyConfigured: A callable of the project, CLAIMS or LIFETIMES, returned what it may not.
        NoActiveAccount: The user is inactive or no longer exists, or was changed since it was read.
        SiteUnknown: The request was sent to none of our sites.
        TypeError: ``amr`` is one string, or not of strings.
        ValueError: The client is unknown, the transport not allowed, the scope malformed, ``acr`` longer than
            100 characters, ``acr`` or ``amr`` not printable, or the user's primary key one that no token can
            name: longer than 255 characters, or not printable.
    """
    methods = _methods(amr)
    _check_context(acr)
    if client_id not in jotpass_settings.CLIENTS:
        message = "client_id is not one of JOTPASS['CLIENTS']"
        raise ValueError(message)
    allowed = transport_policy()
    if transport is not None and transport not in allowed.allowed:
        message = "transport is not one of JOTPASS['TRANSPORTS']"
        raise ValueError(message)
    if user.pk is None or not user.is_active:
        raise errors.NoActiveAccount
    check_primary_key(get_user_model(), user.pk)
    lifetimes = lifetimes_of_sign_in(user, request, client_id=client_id, remember_me=remember_me)
    device = device_of(request)
    session = Session(
        sid=uuid7(),
        amr=methods,
        acr=acr,
        user_agent=device.user_agent,
        address=device.address or None,
        auth_hash=auth_hash_of(user),
    )
    granted = join_scopes(parse_scope(scope))
    chosen = transport or allowed.default
    with transaction.atomic(using=session_database()):
        _insert_session(session, user, lifetimes.session or jotpass_settings.SESSION_LIFETIME)
        row = _new_family(session, user, client_id, lifetimes, scope=granted, transport=chosen)
        first = Verdict(Outcome.ROTATED, row.generation, row.parent)
        minted = mint_pair(row, first, site=chosen_site(request), here=time.time())
        _insert_family(row, minted)
        if limit := jotpass_settings.SESSIONS_PER_USER:
            _end_surplus_sessions(session, user, limit, request)
        tell(row, "signed_in", request)
    return minted.pair


def _insert_session(session: Session, user: Any, lifetime: timedelta) -> None:
    """Write the session's row with the times of the database, which the statement itself returns."""
    using = session_database()
    session.user_id = unchanged_account(user)
    session.created_at = session.auth_time = Now()
    session.expires_at = Now() + lifetime
    try:
        session.save(using=using, force_insert=True)
    except IntegrityError:
        # The account was deleted, deactivated or given another password since it was read.
        raise errors.NoActiveAccount from None
    session.user_id = user.pk
    if not connections[using].features.can_return_columns_from_insert:
        session.refresh_from_db(using=using, fields=["created_at"])
    session.auth_time = session.created_at
    session.expires_at = session.created_at + lifetime


def _insert_family(row: FamilyRow, minted: MintedPair) -> None:
    family = TokenFamily(
        fid=row.fid,
        session_id=row.sid,
        client_id=row.client_id,
        transport=row.transport,
        scope=row.scope,
        rotated_at=row.now,
        idle_expires_at=minted.idle_expires_at,
        last_used_at=row.now,
        access_expires_at=datetime.fromtimestamp(minted.access_expires_at, UTC),
        access_lifetime=row.access_lifetime,
        refresh_lifetime=row.refresh_lifetime,
        random_value=row.random_value,
    )
    family.save(using=session_database(), force_insert=True)


def _end_surplus_sessions(newest: Session, user: Any, limit: int, request: HttpRequest | None) -> None:
    """End what is beyond the limit; the INSERT of the newest holds the account, so nobody else adds one."""
    others = live_sessions(user.pk).exclude(sid=newest.sid)
    by_use = others.order_by(F("last_used_at").desc(), "-created_at", "-sid")
    revoke_sessions(
        list(by_use.values_list("sid", flat=True)[limit - 1 :]), reason=SESSION_LIMIT, request=request
    )


def live_sessions(user: Any) -> QuerySet[Session]:
    """Return a user's live sessions, newest first, each with ``last_used_at``.

    Args:
        user: The user, or the primary key.
    """
    live = Session.objects.using(session_database()).filter(user=user, revoked_at=None, expires_at__gt=Now())
    usable = live.filter(family__revoked_at=None, family__idle_expires_at__gt=Now())
    used = usable.annotate(last_used_at=Max("family__last_used_at"))
    return used.order_by("-created_at", "-sid").defer("auth_hash")


@sensitive_variables()
def reauthenticate_session(
    access_token: AccessToken,
    request: HttpRequest | None = None,
    *,
    transport: str = BODY,
    amr: Iterable[str] = ("pwd",),
    acr: str | None = None,
) -> TokenPair:
    """Note that the person authenticated again: the same session, a new ``auth_time``, a new pair.

    Args:
        access_token: The verified access token of a person whom the caller has just authenticated.
        request: The request in which it happens.
        transport: How the caller is going to carry the pair, which must be as the session began.
        amr: How the person authenticated (RFC 8176).
        acr: The authentication context class, if it is another than before.

    Raises:
        TokenRevoked: The session has ended, or its account was given another password since.
        TransportNotAllowed: It was begun with another transport; nothing was written.
        TypeError: ``amr`` is one string, or not of strings.
        ValueError: ``acr`` or ``amr`` cannot be kept, as in `start_session`.
        ServiceUnavailable: Too many racers wanted the family; nothing was written.
    """
    methods = _methods(amr)
    _check_context(acr or "")
    sid, fid = parse_uuid(access_token.session_id), parse_uuid(access_token.family_id)
    if sid is None or fid is None:
        raise errors.TokenRevoked
    for _ in range(_ATTEMPTS):
        if pair := _reauthenticate(sid, fid, request, transport=transport, amr=methods, acr=acr):
            return pair
    raise errors.ServiceUnavailable


@sensitive_variables()
def _reauthenticate(
    sid: UUID,
    fid: UUID,
    request: HttpRequest | None,
    *,
    transport: str,
    amr: list[str],
    acr: str | None,
) -> TokenPair | None:
    """Try once; None when a refresh was faster."""
    using = session_database()
    session = Session.objects.using(using).filter(sid=sid)
    with transaction.atomic(using=using):
        # The session before the family, as in a revocation: two that lock in different order wait for ever.
        hold_rows(session, "label")
        row = load_family(fid)
        if row is None or row.sid != sid or row.revoked or row.now >= row.ends_at:
            raise errors.TokenRevoked
        # What the caller has checked may have been the password before the one of this moment.
        if account_refusal(row.user, row.auth_hash, row.sid):
            raise errors.TokenRevoked
        if row.transport != transport:
            raise errors.TransportNotAllowed
        row = replace(row, auth_time=row.now, acr=row.acr if acr is None else acr)
        verdict = Verdict(Outcome.ROTATED, row.generation + 1, row.generation)
        minted = mint_pair(row, verdict, site=chosen_site(request), here=time.time())
        if not advance(row, verdict, minted):
            return None
        session.update(auth_time=row.auth_time, amr=amr, acr=row.acr)
        tell(row, "reauthenticated", request)
    return minted.pair


def end_session(session_id: UUID | str, request: HttpRequest | None = None) -> bool:
    """Sign out: end a session and every token under it.

    Args:
        session_id: ``sid``.
        request: The request in which it happens.

    Returns:
        Whether this call ended it; False when it is unknown or had ended.
    """
    sid = session_id if isinstance(session_id, UUID) else parse_uuid(session_id)
    if sid is None:
        return False
    if revoke_session(sid, reason=SIGNED_OUT, request=request):
        return True
    # Ended before; but from now on because its owner says so, and nothing takes that back.
    ended = Session.objects.using(session_database()).filter(sid=sid).exclude(revoked_at=None)
    ended.exclude(revoked_reason=SIGNED_OUT).update(revoked_reason=SIGNED_OUT)
    return False


def keep_session(request: Any, user: Any = None) -> bool:
    """Keep the session of this request through a change of its user's password; all others end.

    What ``update_session_auth_hash`` is to Django sessions. Call it after ``set_password``, before or after
    ``save``.

    Args:
        request: A request that an access token authenticated.
        user: The user whose password changed; the request's when not given.

    Returns:
        Whether there was a live session to keep.
    """
    access_token = getattr(request, "auth", None)
    sid = parse_uuid(access_token.session_id) if isinstance(access_token, AccessToken) else None
    changed = request.user if user is None else user
    if sid is None or access_token is None or str(changed.pk) != access_token.subject:
        return False
    hold_account(changed)
    take_back(sid, reason="password_changed")
    stamp(sid, auth_hash_of(changed))
    return Session.objects.using(session_database()).filter(sid=sid, revoked_at=None).exists()


def _methods(amr: Iterable[str]) -> list[str]:
    if isinstance(amr, str):
        raise TypeError("amr must be several strings, such as ('pwd',), and not one.")
    methods = list(amr)
    if not all(isinstance(method, str) for method in methods):
        raise TypeError("amr must be several strings, such as ('pwd',).")
    if not all(map(is_printable, methods)):
        raise ValueError("amr must be printable text")
    return methods


def _check_context(acr: str) -> None:
    if len(acr) > MAX_ACR_LENGTH or not is_printable(acr):
        message = f"acr must be printable text of at most {MAX_ACR_LENGTH} characters"
        raise ValueError(message)


def _new_family(
    session: Session,
    user: Any,
    client_id: str,
    lifetimes: Lifetimes,
    *,
    scope: str,
    transport: str,
) -> FamilyRow:
    now = session.created_at
    return FamilyRow(
        fid=uuid7(),
        generation=1,
        parent=0,
        rotated_at=now,
        idle_expires_at=now,
        access_expires_at=now,
        random_value=base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("="),
        client_id=client_id,
        transport=transport,
        scope=scope,
        access_lifetime=lifetimes.access,
        refresh_lifetime=lifetimes.refresh,
        revoked_at=None,
        sid=session.sid,
        auth_time=session.auth_time,
        acr=session.acr,
        ends_at=session.expires_at,
        auth_hash=session.auth_hash,
        session_revoked_at=None,
        user_agent=session.user_agent,
        address=session.address,
        now=now,
        user=user,
    )
