"""An honest client that loses answers is never locked out; a thief and a client never both go on for long.

`judge` is played against models of those who hold tokens, with the row as the server would keep it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jotpass.auth.refresh_tokens import FamilyState, Outcome, PresentedToken, RotationPolicy, Verdict, judge

GRACE = timedelta(seconds=10)
RECOVERY = timedelta(hours=1)
FAMILY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
START = datetime(2030, 1, 1, tzinfo=UTC)
FOREVER = START + timedelta(days=365 * 100)

durations = st.sampled_from([0, 1, 9, 10, 11, 60, 3599, 3600, 3601, 7200]).map(
    lambda value: timedelta(seconds=value)
)
received = st.booleans()


class Server(RuleBasedStateMachine):
    """The row of one family, and time."""

    policy: ClassVar = RotationPolicy(grace=GRACE, recovery=RECOVERY)

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.row = FamilyState(
            generation=1, parent=0, rotated_at=START, random_value="r", ends_at=FOREVER, revoked=False
        )

    def present(self, generation: int) -> Verdict:
        """Exchange a token as rotation does: write what the verdict says, revoke for reuse."""
        token = PresentedToken(FAMILY, generation, FOREVER, "r")
        verdict = judge(self.row, token, self.now, self.policy)
        if verdict.writes:
            assert verdict.generation > self.row.generation
            self.row = replace(
                self.row, generation=verdict.generation, parent=verdict.parent, rotated_at=self.now
            )
        if verdict.outcome is Outcome.REUSED:
            self.row = replace(self.row, revoked=True)
        return verdict

    def granted(self, generation: int) -> bool:
        """Whether a token would be answered now."""
        token = PresentedToken(FAMILY, generation, FOREVER, "r")
        return judge(self.row, token, self.now, self.policy).grants

    @rule(duration=durations)
    def time_passes(self, duration: timedelta) -> None:
        """The database's clock goes on."""
        self.now += duration

    @invariant()
    def at_most_two_tokens_are_answered(self) -> None:
        """The current one and its parent, and nothing at all once the family is revoked."""
        answered = {
            generation for generation in range(1, self.row.generation + 1) if self.granted(generation)
        }
        allowed = set() if self.row.revoked else {self.row.generation, self.row.parent}
        assert answered <= allowed


class HonestClient(Server):
    """One client, whose answers may be lost; it presents the newest token that it has received."""

    def __init__(self) -> None:
        super().__init__()
        self.held = 1
        self.last_change = START
        self.lost = False

    @rule(arrives=received)
    def refresh(self, arrives: bool) -> None:
        """Refresh; unless more than the recovery went by since the row changed, the client goes on.

        A repeated answer changes nothing, so it does not begin the recovery anew.
        """
        in_time = not self.lost or self.now - self.last_change <= RECOVERY
        verdict = self.present(self.held)
        if self.row.revoked:
            assert not in_time
            self.held = 0
            return
        assert verdict.grants
        if verdict.writes:
            self.last_change = self.now
        self.lost = not arrives
        if arrives:
            self.held = verdict.generation
            assert self.held == self.row.generation

    @precondition(
        lambda self: not self.row.revoked and (not self.lost or self.now - self.last_change <= GRACE)
    )
    @rule()
    def second_tab_refreshes_too(self) -> None:
        """Two tabs with one token, within the grace: both end with the same token."""
        one, two = self.present(self.held), self.present(self.held)
        assert one.generation == two.generation
        assert two.outcome is Outcome.REPEATED
        self.held, self.lost = two.generation, False
        if one.writes:
            self.last_change = self.now


class ClientAndThief(Server):
    """A client and somebody who copies its token, each with whatever they last received."""

    def __init__(self) -> None:
        super().__init__()
        self.held = {"client": 1, "thief": 0}
        self.reused = False

    @precondition(lambda self: not self.reused)
    @rule()
    def steal(self) -> None:
        """Copy what the client holds."""
        self.held["thief"] = self.held["client"]

    @rule(who=st.sampled_from(["client", "thief"]), arrives=received)
    def refresh(self, who: str, arrives: bool) -> None:
        """Either of them refreshes; after a reuse nobody gets anything."""
        self._refresh(who, arrives=arrives)

    def _refresh(self, who: str, *, arrives: bool) -> bool:
        if self.held[who] == 0:
            return False
        verdict = self.present(self.held[who])
        if self.reused:
            assert not verdict.grants
        self.reused = self.reused or verdict.outcome is Outcome.REUSED
        if verdict.grants and arrives:
            self.held[who] = verdict.generation
        return verdict.grants

    @precondition(
        lambda self: 0 < self.held["thief"] != self.held["client"] and self.now - self.row.rotated_at > GRACE
    )
    @rule(first=st.sampled_from(["client", "thief"]))
    def both_refresh_with_different_tokens(self, first: str) -> None:
        """Beyond the grace at most one of two different tokens is answered, and then the family is dead."""
        second = "thief" if first == "client" else "client"
        answers = [self._refresh(first, arrives=False), self._refresh(second, arrives=False)]
        assert answers.count(True) <= 1
        assert self.reused
        assert self.row.revoked


class ClientAndThiefWithoutWindows(ClientAndThief):
    """The same with grace and recovery off."""

    policy: ClassVar = RotationPolicy(grace=timedelta(0), recovery=timedelta(0))

    @invariant()
    def one_token_is_answered(self) -> None:
        """The current one alone."""
        answered = [
            generation for generation in range(1, self.row.generation + 1) if self.granted(generation)
        ]
        assert answered == ([] if self.row.revoked else [self.row.generation])


TestHonestClient = HonestClient.TestCase
TestClientAndThief = ClientAndThief.TestCase
TestClientAndThiefWithoutWindows = ClientAndThiefWithoutWindows.TestCase
