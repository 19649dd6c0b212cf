"""What happened in a run, kept whole: which tokens were handed out, ended and taken, and who was turned away.

The promises are held against all of it at the end, so that nothing is missed between two looks.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from jotpass import jose

OUTAGES = {"service_unavailable", "feed_stale"}


@dataclass
class Ledger:
    """The record of one run, written by many threads; times are those of `time.monotonic`."""

    refreshes: int = 0
    lost: int = 0
    outages: Counter[str] = field(default_factory=Counter)
    locked_out: list[str] = field(default_factory=list)
    misbehaviour: list[str] = field(default_factory=list)
    _tokens: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set), repr=False)
    _ended_at: dict[str, float] = field(default_factory=dict, repr=False)
    _taken_at: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note_refresh(self, token: str) -> None:
        """A refresh token was handed out."""
        claims = jose.peek_unverified(token).claims
        with self._lock:
            self.refreshes += 1
            self._tokens[claims["fid"], claims["gen"]].add(token)

    def note_lost(self) -> None:
        """A request got no answer."""
        with self._lock:
            self.lost += 1

    def note_outage(self, status: int, code: str, retry_after: str | None) -> None:
        """A request was answered with a 5xx: it must be a 503 that says what and until when."""
        with self._lock:
            self.outages[code] += 1
            if status != 503 or code not in OUTAGES or not (retry_after or "").isdigit():
                self.misbehaviour.append(f"{status} {code} Retry-After: {retry_after}")

    def note_lock_out(self, why: str) -> None:
        """A client that behaved was told that its refresh token is no good."""
        with self._lock:
            self.locked_out.append(why)

    def note_end(self, access: str, at: float) -> None:
        """An access token was revoked, and whoever revoked it has been told so."""
        with self._lock:
            self._ended_at[access] = at

    def note_taken(self, access: str, asked_at: float) -> None:
        """An access token was accepted in a request that was sent at this time."""
        with self._lock:
            self._taken_at[access] = max(asked_at, self._taken_at.get(access, asked_at))

    @property
    def ended(self) -> list[str]:
        """Every access token that was revoked."""
        with self._lock:
            return list(self._ended_at)

    def taken_after_the_end(self, bound: float) -> list[str]:
        """Revoked access tokens that were accepted later than the bound allows."""
        late = {
            access: self._taken_at[access] - ended_at
            for access, ended_at in self._ended_at.items()
            if self._taken_at.get(access, 0.0) > ended_at + bound
        }
        return [f"{jose.peek_unverified(access).claims['jti']}: {by:.2f} s" for access, by in late.items()]

    def forks(self) -> list[tuple[str, int]]:
        """Families and generations of which there are two different tokens."""
        return [name for name, tokens in self._tokens.items() if len(tokens) > 1]

    def assert_kept(self, *, bound: float) -> None:
        """Hold the promises: nobody locked out, no fork, no revoked token taken, no error but a told outage.

        Args:
            bound: Seconds for which a revoked access token may still be taken.
        """
        assert not self.locked_out, self.locked_out[:5]
        assert not self.misbehaviour, self.misbehaviour[:5]
        assert not self.forks()
        assert self.ended, "nothing was revoked"
        assert not self.taken_after_the_end(bound), self.taken_after_the_end(bound)[:5]
