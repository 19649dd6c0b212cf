"""Exchange a refresh token: the SELECT and the one conditional UPDATE around `judge`.

Uncontended that is two statements. Whatever can fail, the project's claims function and both signatures,
comes before the UPDATE; nothing raises after it. Who loses the race for the UPDATE reads again and is judged
once more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.account import account_refusal
from jotpass.auth.family_row import FamilyRow, load_family, tell
from jotpass.auth.key_ring import refresh_key_ring
from jotpass.auth.minting import MintedPair, mint_pair
from jotpass.auth.models import TokenFamily, session_database
from jotpass.auth.policy import rotation_policy
from jotpass.auth.prepared_sql import PreparedUpdate
from jotpass.auth.refresh_tokens import Outcome, PresentedToken, Verdict, judge, parse_refresh_token
from jotpass.auth.revocation import revoke_family, revoke_session
from jotpass.auth.simplejwt.exchange import advance_once, carried_refusal, parse_if_accepted
from jotpass.auth.sites import chosen_site, site_of
from jotpass.auth.transports import BODY

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from django.http import HttpRequest

    from jotpass.auth.token_pair import TokenPair

_ATTEMPTS: Final = 8
"""Reads before a racer gives up. With the grace on, the second read finds the answer."""

_ADVANCE: Final = PreparedUpdate(
    TokenFamily,
    sets=(
        "generation",
        "parent",
        "rotated_at",
        "last_used_at",
        "idle_expires_at",
        "access_expires_at",
    ),
    equals=("fid", "generation"),
    empty="revoked_at",
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of presenting a refresh token.

    Attributes:
        outcome: The verdict.
        pair: The new tokens, None when the token was refused.
    """

    outcome: Outcome
    pair: TokenPair | None = None


@sensitive_variables()
def rotate_refresh_token(
    token: str,
    request: HttpRequest | None = None,
    *,
    transport: str = BODY,
) -> Rotation:
    """Exchange a refresh token for a new pair (RFC 6749 s6, RFC 9700 s4.14.2).

    Call it outside a transaction, or commit whatever it answers: a reuse has revoked the family.

    Args:
        token: What was presented.
        request: The request in which it happens: it says which site's token it must be.
        transport: How it was presented, and how the caller is going to carry the new pair. The token of a
            session that began with another is refused, and nothing happens to that session.

    Returns:
        The outcome; a refused token has no pair.

    Raises:
        ServiceUnavailable: Too many racers wanted the row; nothing was written.
        SiteUnknown: The request was sent to none of our sites.
    """
    presented = _parse(token, request)
    if presented is None:
        return Rotation(Outcome.FOREIGN)
    for _ in range(_ATTEMPTS):
        row = load_family(presented.family_id)
        if row is None:
            return Rotation(Outcome.FOREIGN)
        if row.transport != transport:
            return Rotation(Outcome.ELSEWHERE)
        verdict = judge(row.state, presented, row.now, rotation_policy())
        if not verdict.grants:
            return _refuse(verdict, row, request)
        if refusal := _refusal(presented, row):
            revoke_session(row.sid, reason=refusal, request=request)
            return Rotation(Outcome.REVOKED)
        minted = mint_pair(row, verdict, site=chosen_site(request), here=time.time())
        if not verdict.writes or advance_once(presented, row, partial(advance, row, verdict, minted)):
            tell(row, verdict.outcome.value, request)
            return Rotation(verdict.outcome, minted.pair)
    raise errors.ServiceUnavailable


@sensitive_variables()
def judge_refresh_token(
    token: str,
    request: HttpRequest | None = None,
    *,
    transports: AbstractSet[str] = frozenset({BODY}),
) -> FamilyRow | None:
    """Tell whether a refresh token is a live credential, without exchanging it.

    Presenting a replaced one has the same consequence here as in an exchange: its family is revoked.

    Args:
        token: What was presented.
        request: The request in which it happens, for the events.
        transports: The transports whose refresh tokens come the way that this one came.

    Returns:
        Its family, None when it is not live.
    """
    presented = _parse(token, request)
    row = load_family(presented.family_id) if presented else None
    if presented is None or row is None or row.transport not in transports:
        return None
    verdict = judge(row.state, presented, row.now, rotation_policy())
    if not verdict.grants:
        _refuse(verdict, row, request)
        return None
    return None if _refusal(presented, row) else row


@sensitive_variables()
def family_of_refresh_token(token: str, request: HttpRequest | None = None) -> FamilyRow | None:
    """Find the family of any refresh token that we signed, current or not: enough to revoke it with."""
    presented = _parse(token, request)
    row = load_family(presented.family_id) if presented else None
    return row if presented and row and row.random_value == presented.random_value else None


@sensitive_variables()
def _parse(token: str, request: HttpRequest | None) -> PresentedToken | None:
    issuer = site_of(request).issuer
    try:
        return parse_refresh_token(token, issuer=issuer, keys=refresh_key_ring(issuer))
    except errors.RefreshInvalid:
        return _parse_carried(token)


@sensitive_variables()
def _parse_carried(token: str) -> PresentedToken | None:
    try:
        return parse_if_accepted(token)
    except errors.RefreshInvalid:
        return None


@sensitive_variables()
def _refusal(presented: PresentedToken, row: FamilyRow) -> str:
    """Say why this session must end; empty when it may go on."""
    return account_refusal(row.user, row.auth_hash, row.sid) or carried_refusal(presented, row)


def _refuse(verdict: Verdict, row: FamilyRow, request: HttpRequest | None) -> Rotation:
    if verdict.outcome is Outcome.REUSED and revoke_family(row.fid, reason="reuse_detected", request=request):
        tell(row, verdict.outcome.value, request)
    return Rotation(verdict.outcome)


def advance(row: FamilyRow, verdict: Verdict, minted: MintedPair) -> bool:
    """Move the family to the verdict's generation, unless somebody has moved or revoked it since.

    Returns:
        Whether this call moved it.
    """
    access_expires_at = datetime.fromtimestamp(minted.access_expires_at, UTC)
    changes = {
        "generation": verdict.generation,
        "parent": verdict.parent,
        "rotated_at": row.now,
        "last_used_at": row.now,
        "idle_expires_at": minted.idle_expires_at,
        "access_expires_at": max(row.access_expires_at, access_expires_at),
    }
    return _ADVANCE.run(session_database(), changes, {"fid": row.fid, "generation": row.generation})
