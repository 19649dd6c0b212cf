"""What a run of `make bench-simplejwt` found, as a table, as JSON and as a picture."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import JOTPASS, Contest
from benchmarks.machine import in_words
from benchmarks.picture import draw
from benchmarks.report import duration, shown_bound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.figures import Figure
    from benchmarks.rounds import Times
    from benchmarks.simplejwt.rows import Group, Row

REAL: Final = "simplejwt"
DROP_IN: Final = "drop-in"
NATIVE: Final = "native"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row, measured.

    Attributes:
        group: Of which it is.
        row: What was done.
        times: Of each contestant that can do it.
        statements: How many each sent to the database.
    """

    group: Group
    row: Row
    times: Times
    statements: Mapping[str, int]

    def figure(self, contestant: str, peer: str, *, bound: float | None = None) -> Figure:
        """How many times as fast as the real package a contestant is."""
        times = {JOTPASS: self.times[contestant], peer: self.times[REAL]}
        label = f"{self.row.label}, {self.group.short}"
        return Contest(self.group.title, self.row.what, times).rate(peer, bound=bound, label=label)

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        medians = {name: statistics.median(times) for name, times in self.times.items()}
        return {
            "microseconds": {name: round(seconds * 1e6, 2) for name, seconds in medians.items()},
            "statements": self.statements,
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was measured.

    Attributes:
        measurements: In the order in which they were measured.
        version: Of the real package.
        rounds: The rounds of each row.
        machine: What it ran on.
    """

    measurements: Sequence[Measurement]
    version: str
    rounds: int
    machine: Mapping[str, str]

    @property
    def figures(self) -> list[Figure]:
        """How many times as fast as the real package the drop-in is, row by row."""
        return [self._figure(measured) for measured in self.measurements]

    @property
    def hold(self) -> bool:
        """Whether every bound is kept."""
        return all(figure.holds for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        rows = [
            self._figure(measured).as_json() | measured.as_json() | {"native": self._native_median(measured)}
            for measured in self.measurements
        ]
        return {"machine": self.machine, "rounds": self.rounds, "rows": rows, "bounds_hold": self.hold}

    def picture(self) -> str:
        """Bars of the drop-in's ratios."""
        return draw(self.figures)

    def table(self) -> str:
        """In Markdown, a table for each database."""
        return "\n".join(self._lines())

    def _figure(self, measured: Measurement) -> Figure:
        return measured.figure(DROP_IN, self.version, bound=measured.row.bound)

    def _native_median(self, measured: Measurement) -> float | None:
        if NATIVE not in measured.times:
            return None
        return round(measured.figure(NATIVE, self.version).value.median, 3)

    def _lines(self) -> Iterator[str]:
        for title, measurements in groupby(self.measurements, key=lambda measured: measured.group.title):
            yield f"**{title}**"
            yield ""
            yield (
                f"| | {self.version} | the drop-in | it is | middle half of the rounds | bound |"
                " native Jotpass | that is | statements |"
            )
            yield "|---|---:|---:|---:|:---:|:---:|---:|---:|:---:|"
            yield from (self._row(measured) for measured in measurements)
            yield ""
        yield f"Medians of {self.rounds} interleaved rounds on {in_words(self.machine)}."
        yield ""

    def _row(self, measured: Measurement) -> str:
        figure, native = self._figure(measured), self._native_median(measured)
        sent = [str(measured.statements[name]) for name in measured.times]
        cells = (
            measured.row.what,
            duration(figure.theirs),
            duration(figure.ours),
            f"**{figure.value.median:.2f}** times as fast",
            f"{figure.value.low:.2f} to {figure.value.high:.2f}",
            shown_bound(figure),
            "" if native is None else duration(statistics.median(measured.times[NATIVE])),
            "" if native is None else f"{native:.2f} times as fast",
            " / ".join(sent),
        )
        return f"| {' | '.join(cells)} |"
