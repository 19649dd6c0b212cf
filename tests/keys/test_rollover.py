"""Plans for a key ring: whatever happens in whatever order, one key signs and no living token is orphaned."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.keys.rollover import (
    PUBLISH_AHEAD,
    KeyState,
    Plan,
    RingKey,
    plan,
    plan_revocation,
    plan_rollover,
)

LIFETIME: Final = 360.0
ALGORITHMS: Final = ("ES256", "Ed25519")

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["keep", "roll", "roll_now", "revoke_signing", "revoke_any", "break", "change"]),
        st.floats(0, 800),
        st.integers(0, 50),
    ),
    max_size=25,
)


class Ring:
    """The rows, and a clock."""

    def __init__(self) -> None:
        self.keys: dict[str, RingKey] = {}
        self.now = 1_000.0
        self.algorithm = ALGORITHMS[0]

    def carry_out(self, todo: Plan) -> None:
        """As the database does, and as strictly."""
        if todo.retire:
            key = self.keys[todo.retire]
            assert key.state is KeyState.SIGNING
            self.keys[todo.retire] = replace(key, state=KeyState.RETIRING, verifies_until=self.now + LIFETIME)
        for kid in todo.remove:
            assert self.keys[kid].state is not KeyState.REMOVED
            self.keys[kid] = replace(self.keys[kid], state=KeyState.REMOVED)
        if todo.promote:
            assert self.keys[todo.promote].state is KeyState.PENDING
            self.keys[todo.promote] = replace(self.keys[todo.promote], state=KeyState.SIGNING)
        for state in todo.generate:
            kid = f"key-{len(self.keys)}"
            self.keys[kid] = RingKey(kid, self.algorithm, state, self.now)

    def only(self, state: KeyState) -> RingKey:
        """The one key in this state."""
        (found,) = (key for key in self.keys.values() if key.state is state)
        return found

    def rows(self) -> list[RingKey]:
        """What a plan is given."""
        return list(self.keys.values())


@given(STEPS)
def test_there_is_always_one_signing_and_one_pending_key(steps: list[tuple[str, float, int]]) -> None:
    """And a second look finds nothing to do; a key goes early only when it is revoked or never signed."""
    ring = Ring()
    ring.carry_out(plan([], ring.now, algorithm=ring.algorithm))
    for action, seconds, number in steps:
        ring.now += seconds
        before = dict(ring.keys)
        revoked = None
        if action == "roll":
            todo = plan_rollover(ring.rows(), ring.now, algorithm=ring.algorithm)
        elif action == "roll_now":
            todo = plan_rollover(ring.rows(), ring.now, algorithm=ring.algorithm, at_once=True)
        elif action.startswith("revoke"):
            any_kid = sorted(ring.keys)[number % len(ring.keys)]
            revoked = ring.only(KeyState.SIGNING).kid if action == "revoke_signing" else any_kid
            todo = plan_revocation(ring.rows(), ring.now, revoked, algorithm=ring.algorithm)
        else:
            if action == "break":
                pending = ring.only(KeyState.PENDING)
                ring.keys[pending.kid] = replace(pending, usable=False)
            elif action == "change":
                ring.algorithm = ALGORITHMS[number % 2]
            todo = plan(ring.rows(), ring.now, algorithm=ring.algorithm)
        ring.carry_out(todo)
        ring.only(KeyState.SIGNING)
        assert ring.only(KeyState.PENDING).usable
        if action.startswith("revoke") and todo.does_nothing:
            continue
        assert plan(ring.rows(), ring.now, algorithm=ring.algorithm).does_nothing
        for kid in todo.remove:
            gone = before[kid]
            expired = gone.verifies_until is not None and gone.verifies_until <= ring.now
            assert kid == revoked or expired or gone.state is KeyState.PENDING
        if action == "roll" and todo.promote:
            old_enough = before[todo.promote].published_at + PUBLISH_AHEAD <= ring.now
            assert old_enough or before[todo.promote].published_at == 1_000.0


def test_the_first_pending_key_may_sign_at_once() -> None:
    """Nobody ever saw a JWK Set without it."""
    ring = Ring()
    ring.carry_out(plan([], ring.now, algorithm="ES256"))
    assert plan_rollover(ring.rows(), ring.now, algorithm="ES256").promote == "key-1"


def test_a_young_pending_key_waits() -> None:
    """For as long as a verifier may keep a document without it."""
    ring = Ring()
    ring.carry_out(plan([], ring.now, algorithm="ES256"))
    ring.now += 1
    ring.carry_out(plan_rollover(ring.rows(), ring.now, algorithm="ES256"))
    ring.now += 100
    todo = plan_rollover(ring.rows(), ring.now, algorithm="ES256")
    assert todo.does_nothing
    assert todo.wait == pytest.approx(PUBLISH_AHEAD - 100)
    ring.now += PUBLISH_AHEAD - 100
    assert plan_rollover(ring.rows(), ring.now, algorithm="ES256").promote == ring.only(KeyState.PENDING).kid


def test_revoking_what_is_not_there_plans_nothing() -> None:
    """A name that nobody knows, and a key that went before."""
    gone = RingKey("gone", "ES256", KeyState.REMOVED, 0.0)
    for kid in ("gone", "unknown"):
        assert plan_revocation([gone], 1.0, kid, algorithm="ES256").does_nothing
