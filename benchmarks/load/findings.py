"""What a run of `make bench-load` found, as a table, as JSON and as a picture."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import JOTPASS, Contest
from benchmarks.machine import in_words
from benchmarks.picture import draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.figures import Figure

VIEW: Final = "Call a view"
REFRESH: Final = "Exchange a refresh token"
AHEAD: Final = 1.0
AHEAD_OF_SIMPLEJWT: Final = 1.5
AHEAD_IN_REFRESHING: Final = 3.0


@dataclass
class Score:
    """One contender in one discipline, over the rounds."""

    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    busy: list[float] = field(default_factory=list)

    def add(self, answer: Mapping[str, Any]) -> None:
        """Take in what the client counted in a round."""
        self.statuses.update(answer["statuses"])
        self.latencies += answer["latencies"]
        self.rates.append(answer["statuses"].get("200", 0) / answer["seconds"])
        self.busy.append(answer["busy"])

    def milliseconds(self, percent: int) -> float:
        """Within which so many of a hundred were answered."""
        return 1e3 * statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1]

    @property
    def errors(self) -> int:
        """Answers other than 200."""
        return sum(count for status, count in self.statuses.items() if status != "200")

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "requests_a_second": round(statistics.median(self.rates), 1),
            "milliseconds": {f"p{p}": round(self.milliseconds(p), 2) for p in (50, 99)},
            "statuses": self.statuses,
            "client_busy": round(max(self.busy), 2),
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """Every contender's score, by discipline.

    Attributes:
        scores: By discipline, then by contender.
        simplejwt: What simplejwt is called there.
        setting: How it was measured.
        machine: On what.
    """

    scores: Mapping[str, Mapping[str, Score]]
    simplejwt: str
    setting: str
    machine: Mapping[str, str]

    @property
    def figures(self) -> Sequence[Figure]:
        """How many times as fast as each other one Jotpass is."""
        return [figure for discipline in self.scores for figure in self._figures(discipline)]

    def _figures(self, discipline: str) -> Iterator[Figure]:
        scores = self.scores[discipline]
        contest = Contest(discipline, discipline, {n: [1 / r for r in s.rates] for n, s in scores.items()})
        peers = [name for name in scores if name != JOTPASS]
        best = max(peers, key=lambda name: statistics.median(scores[name].rates))
        for name in peers:
            bound: float | None = AHEAD
            if discipline == REFRESH:
                bound = AHEAD_IN_REFRESHING if name == best else None
            elif name == self.simplejwt:
                bound = AHEAD_OF_SIMPLEJWT
            yield contest.rate(name, bound=bound, label=discipline)

    @property
    def hold(self) -> bool:
        """Whether every bound is kept and nobody met an error."""
        errors = sum(score.errors for scores in self.scores.values() for score in scores.values())
        return not errors and all(figure.holds is not False for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "machine": self.machine,
            "setting": self.setting,
            "scores": {
                discipline: {name: score.as_json() for name, score in scores.items()}
                for discipline, scores in self.scores.items()
            },
            "figures": [figure.as_json() for figure in self.figures],
            "bounds_hold": self.hold,
        }

    def picture(self) -> str:
        """The ratios as bars."""
        return draw(self.figures)

    def table(self) -> str:
        """In Markdown, a table for each discipline."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for discipline, scores in self.scores.items():
            figures = {figure.peer: figure for figure in self._figures(discipline)}
            yield f"**{discipline}**"
            yield ""
            yield "| | requests a second | half within | 99 of 100 within | errors | Jotpass is | bound |"
            yield "|---|---:|---:|---:|---:|:---:|:---:|"
            for name, score in scores.items():
                yield _row(name, score, figures.get(name))
            yield ""
        busy = max(max(score.busy) for scores in self.scores.values() for score in scores.values())
        yield f"{self.setting} The client was busy {busy:.0%} of the time at most."
        yield f"On {in_words(self.machine)}."
        yield ""


def _row(name: str, score: Score, figure: Figure | None) -> str:
    ratio = bound = ""
    if figure is not None:
        spread = figure.value
        ratio = f"**{spread.median:.2f}** times as fast ({spread.low:.2f} to {spread.high:.2f})"
        if figure.bound is not None:
            bound = f"≥ {figure.bound:g}{'' if figure.holds else ', missed'}"
    cells = (
        name,
        f"{statistics.median(score.rates):,.0f}",
        f"{score.milliseconds(50):.1f} ms",
        f"{score.milliseconds(99):.1f} ms",
        f"{score.errors}",
        ratio,
        bound,
    )
    return f"| {' | '.join(cells)} |"
