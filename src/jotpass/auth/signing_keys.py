"""The stored key ring: the rows behind each issuer's keys, and the transactions that change them.

What is to be done is planned by `jotpass.keys.rollover`; here a plan is carried out on condition that every
row is still as it was. Of two processes that carry out the same plan, the database lets one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Subquery
from django.db.models.functions import Now

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.events import Event, emit_after_commit
from jotpass.auth.live_key_ring import LiveKeyRing, StoredKeys, hurry_all
from jotpass.auth.models import SigningKey, TokenFamily, session_database
from jotpass.auth.row_locks import hold_rows
from jotpass.auth.snapshot import readable, snapshot_age
from jotpass.auth.weakly_held import WeaklyHeld
from jotpass.jose import Key, KeySet
from jotpass.keys.hidden import Secrets
from jotpass.keys.rollover import KeyState, Plan, RingKey, plan, plan_revocation, plan_rollover
from jotpass.keys.sealing import SealBroken, open_key, seal_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

logger = logging.getLogger("jotpass.keys")

SLACK: Final = timedelta(seconds=60)
"""How much longer than its last token a key verifies: for clocks, and processes that have yet to notice."""

ATTEMPTS: Final = 5
"""How often a revocation is planned while others change the keys."""

_LIVE: Final = (KeyState.PENDING, KeyState.SIGNING, KeyState.RETIRING)


class Stale(Exception):
    """The rows are not what the plan was made for: somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What came of a rollover.

    Attributes:
        changed: Whether this call made another key sign.
        wait: Seconds until the pending key may sign; 0 when somebody else was faster.
    """

    changed: bool
    wait: float = 0.0


def secrets_of_project() -> Secrets:
    """Return SECRET_KEY, then its fallbacks."""
    return Secrets((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


class _Unsettled:
    """A transaction has written an issuer's keys, and may yet be undone: in the tests of a project, always.

    It lives among what the connection does after the commit, and so ends with the transaction, or with the
    savepoint, whichever way that ends.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def __call__(self) -> None:
        """Let what is committed now be read."""
        hurry_all()


_unsettled: Final[WeaklyHeld[_Unsettled]] = WeaklyHeld()


def live_key_ring(issuer: str, secrets: Secrets, extra: Callable[[float], Iterable[Key]]) -> LiveKeyRing:
    """Return the stored key ring of an issuer.

    Args:
        issuer: Whose keys.
        secrets: What opens them.
        extra: Given the seconds since the ring began, keys from elsewhere that verify, too.
    """
    last: tuple[_Reading, StoredKeys] | None = None

    def read(latest: StoredKeys | None) -> StoredKeys:
        nonlocal last
        found = _read(issuer, secrets, extra)
        if last is None or found != last[0] or latest is not last[1]:
            last = found, _open(found)
        return last[1]

    def begin() -> None:
        tidy_up(issuer)

    def seconds_old() -> float:
        return snapshot_age(session_database())

    return LiveKeyRing(read, begin, _max_staleness, snapshot_age=seconds_old)


def _max_staleness() -> float:
    open_ended = jotpass_settings.REVOCATION_FAIL_OPEN
    return float("inf") if open_ended else jotpass_settings.REVOCATION_MAX_STALENESS.total_seconds()


@dataclass(frozen=True, slots=True)
class _Reading:
    """The rows that verify, and what else decides about the ring."""

    issuer: str
    rows: tuple[tuple[str, str, str], ...]
    secrets: Secrets
    extra: tuple[Key, ...]
    lasting: bool


def _read(issuer: str, secrets: Secrets, extra: Callable[[float], Iterable[Key]]) -> _Reading:
    using = session_database()
    # Before the rows are read: what is marked later is read again.
    lasting = all(mark.issuer != issuer for mark in _unsettled.alive())
    found = _found(issuer, using)
    rows = tuple(
        (kid, state, sealed) for kid, state, sealed, until, _, now in found if until is None or until > now
    )
    age = (found[0][5] - found[0][4]).total_seconds() if found else 0.0
    return _Reading(issuer, rows, secrets, tuple(extra(age)), lasting)


def _found(issuer: str, using: str) -> list[tuple[Any, ...]]:
    rows = SigningKey.objects.using(using).filter(issuer=issuer, state__in=_LIVE)
    began = (
        SigningKey.objects.using(using).filter(issuer=issuer).order_by("created_at").values("created_at")[:1]
    )
    rows = rows.annotate(began=Subquery(began), now=Now()).order_by("created_at", "kid")
    with readable(using):
        return list(rows.values_list("kid", "state", "sealed", "verifies_until", "began", "now"))


def _open(reading: _Reading) -> StoredKeys:
    signing: Key | None = None
    verification: list[Key] = []
    for kid, state, sealed in reading.rows:
        try:
            key = open_key(sealed, reading.secrets, issuer=reading.issuer, kid=kid).key
        except SealBroken:
            logger.error("signing key %s (%s) opens by neither SECRET_KEY nor its fallbacks", kid, state)  # noqa: TRY400 (the traceback says nothing)
            continue
        if state == KeyState.SIGNING:
            signing = key
        verification.append(key.public_key())
    begun = any(state == KeyState.SIGNING for _, state, _ in reading.rows)
    return StoredKeys(signing, KeySet([*verification, *reading.extra]), begun, reading.lasting)


def stored_issuers() -> tuple[str, ...]:
    """Return every issuer that has a key."""
    live = SigningKey.objects.using(session_database()).filter(state__in=_LIVE)
    return tuple(live.order_by("issuer").values_list("issuer", flat=True).distinct())


def ring_keys(issuer: str) -> tuple[list[RingKey], datetime]:
    """Read every key of an issuer as a plan sees it, and the database's time."""
    rows = list(SigningKey.objects.using(session_database()).filter(issuer=issuer).annotate(now=Now()))
    now = rows[0].now if rows else datetime.now(UTC)
    return [_ring_key(row) for row in rows], now


def _ring_key(row: SigningKey) -> RingKey:
    return RingKey(
        kid=row.kid,
        algorithm=row.algorithm,
        state=KeyState(row.state),
        published_at=row.created_at.timestamp(),
        verifies_until=row.verifies_until.timestamp() if row.verifies_until else None,
        usable=opened_by(row) is not None,
    )


def opened_by(row: SigningKey) -> int | None:
    """Return which secret opens a row, 0 for SECRET_KEY itself; None if none does."""
    try:
        return open_key(row.sealed, secrets_of_project(), issuer=row.issuer, kid=row.kid).secret
    except SealBroken:
        return None


def roll_over(issuer: str, *, at_once: bool = False, only: str | None = None) -> Rolled:
    """Let the pending key sign, retire the one that did, and generate the next.

    Args:
        issuer: Whose keys.
        at_once: Even if verifiers may not have the pending key yet.
        only: Do nothing unless the key of this ``kid`` signs.
    """
    algorithm = jotpass_settings.SIGNING_ALGORITHM
    wait = 0.0

    def planned(keys: list[RingKey], now: float) -> Plan:
        nonlocal wait
        if only and not any(key.kid == only and key.state is KeyState.SIGNING for key in keys):
            return Plan()
        decided = plan_rollover(keys, now, algorithm=algorithm, at_once=at_once)
        wait = decided.wait
        return decided

    done = _carry_out(issuer, planned)
    changed = done is not None and (done.promote or done.retire) is not None
    return Rolled(changed=changed, wait=wait)


def tidy_up(issuer: str) -> tuple[str, ...]:
    """Remove the keys whose last token has expired, and make what is missing; return those removed."""
    algorithm = jotpass_settings.SIGNING_ALGORITHM
    done = _carry_out(issuer, lambda keys, now: plan(keys, now, algorithm=algorithm))
    return done.remove if done else ()


def revoke_key(issuer: str, kid: str) -> bool:
    """Drop a key at once: nothing verifies with it as soon as each process has read, which is each second.

    Returns:
        Whether this call dropped it.
    """
    algorithm = jotpass_settings.SIGNING_ALGORITHM
    for _ in range(ATTEMPTS):
        done = _carry_out(issuer, lambda keys, now: plan_revocation(keys, now, kid, algorithm=algorithm))
        # Somebody else was faster, and most likely at something else: a key that is known goes none the less.
        if done is not None:
            return kid in done.remove
    return False


def rewrap(issuer: str) -> tuple[int, int]:
    """Seal under SECRET_KEY what was sealed under a fallback.

    Returns:
        How many keys this call sealed anew, and how many no secret opens.
    """
    using, secrets = session_database(), secrets_of_project()
    sealed = broken = 0
    for row in SigningKey.objects.using(using).filter(issuer=issuer, state__in=_LIVE):
        position = opened_by(row)
        if position is None:
            broken += 1
        elif position > 0:
            key = open_key(row.sealed, secrets, issuer=issuer, kid=row.kid).key
            same = SigningKey.objects.using(using).filter(kid=row.kid, sealed=row.sealed)
            sealed += same.update(sealed=seal_key(key, secrets, issuer=issuer))
    hurry_all()
    return sealed, broken


def _carry_out(issuer: str, planned: Callable[[list[RingKey], float], Plan]) -> Plan | None:
    """Plan and do it; None if somebody else was faster."""
    keys, now = ring_keys(issuer)
    todo = planned(keys, now.timestamp())
    if todo.does_nothing:
        return todo
    # Before anything is locked: an RSA key takes a while, and so do many families.
    last_token = _last_token(now) if todo.retire else now
    algorithm = jotpass_settings.SIGNING_ALGORITHM
    generated = [(state, _generate(algorithm)) for state in todo.generate]
    using = session_database()
    try:
        with transaction.atomic(using=using):
            rows = SigningKey.objects.using(using).filter(issuer=issuer)
            # All, and in one order: two that change the same rows in turns would wait for each other.
            hold_rows(rows.filter(state__in=_LIVE).order_by("kid"), "algorithm")
            if todo.retire:
                _retire(rows, todo.retire, issuer, last_token)
            for kid in todo.remove:
                live = rows.filter(kid=kid, state__in=_LIVE)
                _exactly_one(live.update(state=KeyState.REMOVED, removed_at=Now(), sealed=""))
            if todo.promote:
                pending = rows.filter(kid=todo.promote, state=KeyState.PENDING)
                _exactly_one(pending.update(state=KeyState.SIGNING, signing_since=Now()))
            # In one statement, and so of one moment: the first two keys were published together.
            rows.bulk_create([_new_row(issuer, state, key) for state, key in generated])
            _tell(todo, generated, using)
            _mark_unsettled(issuer, using)
    except (Stale, IntegrityError):
        return None
    finally:
        hurry_all()
    return todo


def _generate(algorithm: str) -> Key:
    while True:
        key = Key.generate(algorithm).replace(use="sig")
        # A command line would take such a name for an option.
        if not str(key.kid).startswith("-"):
            return key


def _mark_unsettled(issuer: str, using: str) -> None:
    mark = _Unsettled(issuer)
    _unsettled.add(mark)
    transaction.on_commit(mark, using=using)


def _retire(rows: Any, kid: str, issuer: str, last_token: datetime) -> None:
    row = rows.get(kid=kid)
    secrets = secrets_of_project()
    try:
        # From here on it verifies only, so its private part is needed nowhere.
        public = open_key(row.sealed, secrets, issuer=issuer, kid=kid).key.public_key()
        sealed = seal_key(public, secrets, issuer=issuer)
    except SealBroken:
        sealed = row.sealed
    signing = rows.filter(kid=kid, state=KeyState.SIGNING)
    _exactly_one(
        signing.update(state=KeyState.RETIRING, retired_at=Now(), verifies_until=last_token, sealed=sealed)
    )


def _last_token(now: datetime) -> datetime:
    """Return when the last access token that is alive, or signed by who has yet to notice, has expired."""
    families = TokenFamily.objects.using(session_database())
    issued = families.aggregate(issued=Max("access_expires_at"))["issued"] or now
    return max(now + longest_validity(), issued + jotpass_settings.LEEWAY) + SLACK


def longest_validity() -> timedelta:
    """Return for how long an access token of any session may be accepted."""
    families = TokenFamily.objects.using(session_database())
    longest = families.aggregate(longest=Max("access_lifetime"))["longest"] or timedelta(0)
    return max(jotpass_settings.ACCESS_TOKEN_LIFETIME, longest) + jotpass_settings.LEEWAY


def _new_row(issuer: str, state: KeyState, key: Key) -> SigningKey:
    return SigningKey(
        kid=str(key.kid),
        issuer=issuer,
        algorithm=str(key.alg),
        state=state,
        created_at=Now(),
        signing_since=Now() if state is KeyState.SIGNING else None,
        sealed=seal_key(key, secrets_of_project(), issuer=issuer),
    )


def _tell(todo: Plan, generated: list[tuple[KeyState, Key]], using: str) -> None:
    new = (str(key.kid) for state, key in generated if state is KeyState.SIGNING)
    signing = todo.promote or next(new, "")
    before = todo.retire or (todo.remove[0] if todo.remove else "")
    if signing and before:
        emit_after_commit(Event("key_rolled_over", reason=f"{before} -> {signing}"), using=using)


def _exactly_one(changed: int) -> None:
    if changed != 1:
        raise Stale
