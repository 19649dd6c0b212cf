"""Refresh tokens: mint, parse, and `judge`, which decides what a presented one deserves. Pure: time comes in.

A refresh token is a JWT of our own (``typ`` ``rt+jwt``) that only we read. It is a pure function of its
family's row, so it is never stored and can be said again byte for byte. It names its family, its generation,
its expiry, and the family's random value: a stolen database mints none without the key, a stolen key none
without the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.views.decorators.debug import sensitive_variables

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.uuid7 import parse_uuid

if TYPE_CHECKING:
    from uuid import UUID

    from jotpass.keys.key_ring import KeyRing

REFRESH_TOKEN_TYPE: Final = "rt+jwt"
_ALGORITHM: Final = "HS256"
_MAX_GENERATION: Final = 2**63 - 2
_MAX_TIME: Final = datetime.max.replace(tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """What a refresh token that we signed says."""

    family_id: UUID
    generation: int
    expires_at: datetime
    random_value: str


@dataclass(frozen=True, slots=True)
class FamilyState:
    """The part of a family's row that judgement needs.

    Attributes:
        generation: The newest refresh token.
        parent: The one its holder gave for it.
        rotated_at: When that happened, by the database's clock.
        random_value: The family's random value.
        ends_at: When the session ends for good.
        revoked: The family or its session was revoked.
    """

    generation: int
    parent: int
    rotated_at: datetime
    random_value: str
    ends_at: datetime
    revoked: bool


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """How long a replaced refresh token is answered; zero is not at all.

    Attributes:
        grace: The parent obtains the current token again, for two tabs and lost responses.
        recovery: The parent starts over from where its holder stands, for closed lids and killed workers.
    """

    grace: timedelta
    recovery: timedelta


class Outcome(Enum):
    """What a presented refresh token deserves."""

    ROTATED = "refreshed"
    RECOVERED = "refresh_recovered"
    AHEAD = "generation_ahead"
    REPEATED = "refresh_repeated"
    REUSED = "reuse_detected"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FOREIGN = "foreign"
    ELSEWHERE = "elsewhere"
    """Of a session whose tokens travel otherwise; nothing was judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and the generation and parent that the row has after it."""

    outcome: Outcome
    generation: int
    parent: int

    @property
    def writes(self) -> bool:
        """Whether the row has to change for this verdict to hold."""
        return self.outcome in {Outcome.ROTATED, Outcome.RECOVERED, Outcome.AHEAD}

    @property
    def grants(self) -> bool:
        """Whether the holder gets a token pair."""
        return self.writes or self.outcome is Outcome.REPEATED


def judge(row: FamilyState, presented: PresentedToken, now: datetime, policy: RotationPolicy) -> Verdict:
    """Decide what a refresh token that we signed deserves (RFC 9700 s4.14.2). Pure and total.

    Args:
        row: The family as the database has it.
        presented: What the token says.
        now: The database's time when it read the row.
        policy: Grace and recovery.

    Returns:
        A verdict for every combination; it never raises.
    """

    def verdict(outcome: Outcome, generation: int = row.generation, parent: int = row.parent) -> Verdict:
        return Verdict(outcome, generation, parent)

    if presented.random_value != row.random_value:
        return verdict(Outcome.FOREIGN)
    if row.revoked:
        return verdict(Outcome.REVOKED)
    if now >= row.ends_at or now >= presented.expires_at:
        return verdict(Outcome.EXPIRED)
    if presented.generation == row.generation:
        return verdict(Outcome.ROTATED, row.generation + 1, row.generation)
    if presented.generation > row.generation:
        # We did sign it, so the row is the one that is behind: a backup was restored.
        return verdict(Outcome.AHEAD, presented.generation + 1, presented.generation)
    if presented.generation == row.parent:
        age = now - row.rotated_at
        if policy.grace and age <= policy.grace:
            return verdict(Outcome.REPEATED)
        if policy.recovery and age <= policy.recovery:
            return verdict(Outcome.RECOVERED, row.generation + 1, row.parent)
    return verdict(Outcome.REUSED)


@sensitive_variables()
def mint_refresh_token(token: PresentedToken, *, issuer: str, keys: KeyRing) -> str:
    """Sign a refresh token: the same bytes for the same arguments.

    Args:
        token: What it says; ``expires_at`` in whole seconds.
        issuer: ``iss``.
        keys: The key ring of refresh tokens.
    """
    claims = {
        "iss": issuer,
        "fid": token.family_id.hex,
        "gen": token.generation,
        "exp": int(token.expires_at.timestamp()),
        "rnd": token.random_value,
    }
    return jose.sign_jwt(claims, keys.signing, algorithm=_ALGORITHM, typ=REFRESH_TOKEN_TYPE)


@sensitive_variables()
def parse_refresh_token(token: str, *, issuer: str, keys: KeyRing) -> PresentedToken:
    """Read a refresh token that we signed. Its expiry is left to `judge`, which knows the database's time.

    Raises:
        RefreshInvalid: It is anything else.
    """
    try:
        claims = _verifier(issuer, keys).verify(token, now=0)
    except jose.JoseError:
        raise errors.RefreshInvalid from None
    family_id = parse_uuid(claims["fid"])
    generation, random_value, expires_at = claims["gen"], claims["rnd"], claims["exp"]
    if (
        family_id is None
        or type(generation) is not int
        or not 1 <= generation <= _MAX_GENERATION
        or type(random_value) is not str
        or not 0 <= expires_at < _MAX_TIME
    ):
        raise errors.RefreshInvalid
    return PresentedToken(
        family_id=family_id,
        generation=generation,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
        random_value=random_value,
    )


@lru_cache(maxsize=64)
def _verifier(issuer: str, keys: KeyRing) -> jose.Verifier:
    return jose.Verifier(
        keys.verification,
        algorithms=[_ALGORITHM],
        issuer=issuer,
        typ=REFRESH_TOKEN_TYPE,
        required=("exp", "iss", "fid", "gen", "rnd"),
    )
