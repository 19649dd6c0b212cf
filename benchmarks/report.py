"""A run as a table, as JSON and as a picture, and the pages that show them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Measure
from benchmarks.picture import draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.figures import Figure

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
PAGE: Final = ROOT / "docs" / "explanation" / "performance.md"
BEGIN: Final = "<!-- Written by `make bench`, down to the end mark. -->"
END: Final = "<!-- The end mark. -->"

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

    def keep(self) -> list[str]:
        """Write table, JSON and picture into `results/`, and the table into the page that explains it.

        Returns:
            What was written, as paths inside the checkout.
        """
        members = {
            "machine": self.machine,
            "rounds": self.rounds,
            "figures": [figure.as_json() for figure in self.figures],
        }
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.partition(BEGIN)[0], page.partition(END)[2]
        written = {
            RESULTS / "results.json": json.dumps(members, indent=2) + "\n",
            RESULTS / "results.md": self.table(),
            RESULTS / "results.svg": draw(self.figures),
            PAGE: f"{before}{BEGIN}\n\n{self.table()}\n{END}{after}",
        }
        for path, text in written.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return [str(path.relative_to(ROOT)) for path in written]

    def _lines(self) -> Iterator[str]:
        for subject, figures in groupby(self.figures, key=lambda figure: figure.subject):
            yield from (f"**{subject}**", "", HEADING, RULE)
            yield from (_row(figure) for figure in figures)
            yield ""
        described = "; ".join(
            f"{name} {what}" if name != "machine" else what for name, what in self.machine.items()
        )
        yield f"Medians of {self.rounds} interleaved rounds on {described}."
        yield ""


def _row(figure: Figure) -> str:
    value = figure.value
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    cells = (
        what,
        figure.peer,
        f"**{value.median:.2f}** {figure.measure.value}",
        f"{value.low:.2f} to {value.high:.2f}",
        _bound(figure),
        _duration(figure.ours),
        _duration(figure.theirs),
    )
    return f"| {' | '.join(cells)} |"


def _bound(figure: Figure) -> str:
    if figure.bound is None:
        return ""
    sign = "≥" if figure.measure is Measure.RATE else "≤"
    return f"{sign} {figure.bound:g}{'' if figure.holds else ', missed'}"


def _duration(seconds: float) -> str:
    microseconds = seconds * 1e6
    digits = 0 if microseconds >= 100 else 1
    return f"{microseconds:,.{digits}f} µs"
