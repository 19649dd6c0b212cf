"""What happens to the keys of one issuer, as pure plans: upkeep, rollover, revocation (OIDC Core s10.1.1).

A key is *pending* (published, so that every verifier has it before it signs), then *signing*, then *retiring*
(it verifies until its last token has expired), then *removed*. Whoever carries a plan out does so in one
transaction, on condition that the keys are still as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

JWK_SET_MAX_AGE: Final = 300.0
"""Seconds that a verifier may keep the JWK Set."""

PUBLISH_AHEAD: Final = JWK_SET_MAX_AGE + 60.0
"""Seconds that a key is published before it signs: and a minute for processes that are late."""


class KeyState(StrEnum):
    """Where a key stands in its life."""

    PENDING = "pending"
    SIGNING = "signing"
    RETIRING = "retiring"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class RingKey:
    """What a plan knows of one key.

    Attributes:
        kid: Its name.
        algorithm: Its ``alg``.
        state: Where it stands.
        published_at: When it was made, seconds since the epoch.
        verifies_until: When its last token has expired; None while it is not retiring.
        usable: Whether its private part can be read.
    """

    kid: str
    algorithm: str
    state: KeyState
    published_at: float
    verifies_until: float | None = None
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in this order; ``generate`` holds the states that new keys begin in.

    Attributes:
        retire: The key that signs no more.
        remove: The keys that verify no more.
        promote: The key that signs from now on.
        generate: States of new keys.
        wait: Seconds after which a rollover is possible that was not this time.
    """

    retire: str | None = None
    remove: tuple[str, ...] = ()
    promote: str | None = None
    generate: tuple[KeyState, ...] = ()
    wait: float = 0.0

    @property
    def does_nothing(self) -> bool:
        """Whether everything is as it should be."""
        return not (self.retire or self.remove or self.promote or self.generate)


def plan(keys: Iterable[RingKey], now: float, *, algorithm: str) -> Plan:
    """Plan what is due: the first keys, a missing pending one, and the end of keys whose tokens expired.

    Args:
        keys: Every key of the issuer, removed ones too.
        now: Seconds since the epoch.
        algorithm: What new keys are for. A signing key of another goes on until the rollover.
    """
    ring = _Ring(keys)
    stale = _stale_pending(ring, algorithm)
    expired = ring.expired(now)
    if ring.signing:
        keep = ring.pending and not stale
        return Plan(remove=(*expired, *stale), generate=() if keep else (KeyState.PENDING,))
    if ring.pending and not stale:
        return Plan(remove=expired, promote=ring.pending.kid, generate=(KeyState.PENDING,))
    return Plan(remove=(*expired, *stale), generate=(KeyState.SIGNING, KeyState.PENDING))


def plan_rollover(keys: Iterable[RingKey], now: float, *, algorithm: str, at_once: bool = False) -> Plan:
    """Plan a rollover: the pending key signs, the signing one retires, the next is generated.

    Args:
        keys: Every key of the issuer, removed ones too.
        now: Seconds since the epoch.
        algorithm: What new keys are for.
        at_once: Even if verifiers may not have the pending key yet.

    Returns:
        The plan. While the pending key is too young it is what `plan` says, with ``wait``.
    """
    ring = _Ring(keys)
    due = plan(ring.keys, now, algorithm=algorithm)
    if not ring.signing:
        return due
    ready = ring.pending if ring.pending and not _stale_pending(ring, algorithm) else None
    if ready and (at_once or (wait := ring.seconds_to_publish(ready, now)) <= 0):
        return Plan(
            retire=ring.signing.kid,
            remove=ring.expired(now),
            promote=ready.kid,
            generate=(KeyState.PENDING,),
        )
    if at_once:
        generate = (KeyState.SIGNING, KeyState.PENDING)
        return Plan(retire=ring.signing.kid, remove=due.remove, generate=generate)
    return Plan(remove=due.remove, generate=due.generate, wait=wait if ready else PUBLISH_AHEAD)


def plan_revocation(keys: Iterable[RingKey], now: float, kid: str, *, algorithm: str) -> Plan:
    """Plan to drop one key at once; the pending one signs if it was the signing key.

    Args:
        keys: Every key of the issuer, removed ones too.
        now: Seconds since the epoch.
        kid: The key to drop.
        algorithm: What new keys are for.

    Returns:
        The plan; it does nothing if there is no such key or it was removed before.
    """
    ring = _Ring(keys)
    if all(key.kid != kid or key.state is KeyState.REMOVED for key in ring.keys):
        return Plan()
    left = [key for key in ring.keys if key.kid != kid]
    due = plan(left, now, algorithm=algorithm)
    return Plan(remove=(kid, *due.remove), promote=due.promote, generate=due.generate)


class _Ring:
    """The keys by their states."""

    def __init__(self, keys: Iterable[RingKey]) -> None:
        self.keys = tuple(keys)
        self.signing = self._only(KeyState.SIGNING)
        self.pending = self._only(KeyState.PENDING)

    def _only(self, state: KeyState) -> RingKey | None:
        return next((key for key in self.keys if key.state is state), None)

    def expired(self, now: float) -> tuple[str, ...]:
        retiring = (key for key in self.keys if key.state is KeyState.RETIRING)
        return tuple(
            key.kid for key in retiring if key.verifies_until is not None and key.verifies_until <= now
        )

    def seconds_to_publish(self, key: RingKey, now: float) -> float:
        # No document was ever published without a key that is as old as the ring.
        born = min(other.published_at for other in self.keys)
        return 0.0 if key.published_at <= born else key.published_at + PUBLISH_AHEAD - now


def _stale_pending(ring: _Ring, algorithm: str) -> tuple[str, ...]:
    pending = ring.pending
    if pending and (pending.algorithm != algorithm or not pending.usable):
        return (pending.kid,)
    return ()
