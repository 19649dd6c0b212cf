"""What `make bench` found, as a table, as JSON and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import Measure
from benchmarks.machine import in_words
from benchmarks.picture import draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.figures import Figure

HEADING: Final = "| | against | Jotpass is | middle half of the rounds | bound | Jotpass | the other |"
RULE: Final = "|---|---|---:|:---:|:---:|---:|---:|"


@dataclass(frozen=True, slots=True)
class Run:
    """What one `make bench` found.

    Attributes:
        machine: What it ran on, as `benchmarks.machine` describes it.
        rounds: The rounds of each race.
        figures: In the order in which they were measured.
    """

    machine: Mapping[str, str]
    rounds: int
    figures: tuple[Figure, ...]

    def table(self) -> str:
        """The figures in Markdown, a table for each subject, and what they were measured on."""
        return "\n".join(self._lines())

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "machine": self.machine,
            "rounds": self.rounds,
            "figures": [figure.as_json() for figure in self.figures],
        }

    def picture(self) -> str:
        """Bars of the figures that have a label."""
        return draw(self.figures)

    def _lines(self) -> Iterator[str]:
        for subject, figures in groupby(self.figures, key=lambda figure: figure.subject):
            yield from (f"**{subject}**", "", HEADING, RULE)
            yield from (_row(figure) for figure in figures)
            yield ""
        yield f"Medians of {self.rounds} interleaved rounds on {in_words(self.machine)}."
        yield ""


def _row(figure: Figure) -> str:
    value = figure.value
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    cells = (
        what,
        figure.peer,
        f"**{value.median:.2f}** {figure.measure.value}",
        f"{value.low:.2f} to {value.high:.2f}",
        shown_bound(figure),
        duration(figure.ours),
        duration(figure.theirs),
    )
    return f"| {' | '.join(cells)} |"


def shown_bound(figure: Figure) -> str:
    """Write the bound as a cell of a table, and whether it was missed."""
    if figure.bound is None:
        return ""
    sign = "≥" if figure.measure is Measure.RATE else "≤"
    return f"{sign} {figure.bound:g}{'' if figure.holds else ', missed'}"


def duration(seconds: float) -> str:
    """Write so many seconds as a cell of a table, in microseconds."""
    microseconds = seconds * 1e6
    digits = 0 if microseconds >= 100 else 1
    return f"{microseconds:,.{digits}f} µs"
