"""What is reported: figures, each a comparison of Jotpass with somebody else in one run."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Spread, ratio

if TYPE_CHECKING:
    from benchmarks.rounds import Times

JOTPASS = "Jotpass"


class Measure(Enum):
    """What a ratio says: how fast beside a peer, or how much of what cannot be avoided anyway."""

    RATE = "times as fast"
    TIME = "times the time"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        subject: The part of the table.
        what: What was done.
        peer: With whom Jotpass is compared.
        measure: Which way the ratio goes.
        value: The ratio, over the rounds.
        bound: The least rate, or the most time, that we hold ourselves to; None where there is none.
        ours: Seconds that Jotpass took, the median of the rounds.
        theirs: Seconds that the peer took.
        note: What else there is to say.
        label: What it is called in the picture; empty when it is not there.
    """

    subject: str
    what: str
    peer: str
    measure: Measure
    value: Spread
    ours: float
    theirs: float
    bound: float | None = None
    note: str = ""
    label: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None without one."""
        if self.bound is None:
            return None
        median = self.value.median
        return median >= self.bound if self.measure is Measure.RATE else median <= self.bound

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "subject": self.subject,
            "what": self.what,
            "peer": self.peer,
            "measure": self.measure.value,
            "median": round(self.value.median, 3),
            "middle_half": [round(self.value.low, 3), round(self.value.high, 3)],
            "bound": self.bound,
            "holds": self.holds,
            "jotpass_microseconds": round(self.ours * 1e6, 2),
            "peer_microseconds": round(self.theirs * 1e6, 2),
            "note": self.note,
            "label": self.label,
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Figure:
        """The inverse of `as_json`."""
        low, high = members["middle_half"]
        return cls(
            subject=members["subject"],
            what=members["what"],
            peer=members["peer"],
            measure=Measure(members["measure"]),
            value=Spread(members["median"], low, high),
            ours=members["jotpass_microseconds"] / 1e6,
            theirs=members["peer_microseconds"] / 1e6,
            bound=members["bound"],
            note=members["note"],
            label=members["label"],
        )


@dataclass(frozen=True, slots=True)
class Contest:
    """The times of one race, and the figures that are read from them."""

    subject: str
    what: str
    times: Times

    def rate(self, peer: str, *, bound: float | None = None, note: str = "", label: str = "") -> Figure:
        """How many times as fast as a peer Jotpass is."""
        return self._figure(Measure.RATE, peer, bound=bound, note=note, label=label)

    def time(self, peer: str, *, bound: float | None = None, note: str = "", label: str = "") -> Figure:
        """How many times as long as something unavoidable Jotpass takes."""
        return self._figure(Measure.TIME, peer, bound=bound, note=note, label=label)

    def microseconds_over(self, peer: str) -> float:
        """How many microseconds more than the other Jotpass takes, the median of the rounds."""
        pairs = zip(self.times[JOTPASS], self.times[peer], strict=True)
        return statistics.median(ours - theirs for ours, theirs in pairs) * 1e6

    def _figure(self, measure: Measure, peer: str, *, bound: float | None, note: str, label: str) -> Figure:
        over, under = (peer, JOTPASS) if measure is Measure.RATE else (JOTPASS, peer)
        return Figure(
            subject=self.subject,
            what=self.what,
            peer=peer,
            measure=measure,
            value=ratio(self.times, over=over, under=under),
            ours=statistics.median(self.times[JOTPASS]),
            theirs=statistics.median(self.times[peer]),
            bound=bound,
            note=note,
            label=label,
        )
