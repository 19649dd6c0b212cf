"""What a run of `make bench-growth` found, as a table, as JSON and as a picture."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.lines import Panel, draw
from benchmarks.machine import in_words
from benchmarks.rounds import ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.growth.flushing import Flushed

SLOWER: Final = 1.3
HOT: Final = 0.95
MEMORY: Final = 1.5
"""How many times the memory of a small flush a large one may hold."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two databases.

    Attributes:
        families: How many live families it held.
        seconds: What each refresh took, round by round.
        updates: Updates of families, and how many of them were HOT.
        flushed: The flush.
        bytes_per_session: On disk, family and indexes included.
    """

    families: int
    seconds: Sequence[Sequence[float]]
    updates: tuple[int, int]
    flushed: Flushed
    bytes_per_session: float

    @property
    def hot(self) -> float:
        """The share of updates that touched no index."""
        updated, hot = self.updates
        return hot / updated

    def percentile(self, percent: int) -> float:
        """Microseconds within which so many of a hundred refreshes were done."""
        return _percentiles([second for one in self.seconds for second in one])[percent - 1]

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "families": self.families,
            "refreshes": sum(map(len, self.seconds)),
            "refresh_microseconds": {f"p{p}": round(self.percentile(p), 1) for p in (50, 95, 99)},
            "updates": self.updates[0],
            "hot_updates": self.updates[1],
            "bytes_per_session": round(self.bytes_per_session),
            "flushed_rows": self.flushed.rows,
            "flush_seconds": round(self.flushed.seconds, 1),
            "flush_peak_mib": round(self.flushed.peak, 1),
            "refresh_beside_the_flush_p50": round(_percentiles(self.flushed.beside)[49], 1),
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """Both databases, and on what they were measured."""

    small: Side
    large: Side
    setting: str
    machine: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "machine": self.machine,
            "setting": self.setting,
            "small": self.small.as_json(),
            "large": self.large.as_json(),
            "ratio": round(self._ratio().median, 3),
            "bounds_hold": self.hold,
        }

    @property
    def hold(self) -> bool:
        """Whether every bound is kept."""
        return all(
            (
                self._ratio().median <= SLOWER,
                min(self.small.hot, self.large.hot) >= HOT,
                self._memory() <= MEMORY,
            )
        )

    def _ratio(self) -> Any:
        medians = {
            name: [statistics.median(one) for one in side.seconds]
            for name, side in (("small", self.small), ("large", self.large))
        }
        return ratio(medians, over="large", under="small")

    def _memory(self) -> float:
        return self.large.flushed.peak / self.small.flushed.peak

    def table(self) -> str:
        """In Markdown."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        small, large, spread = self.small, self.large, self._ratio()
        middle = f"{spread.median:.2f} ({spread.low:.2f} to {spread.high:.2f})"
        yield f"| | {small.families:,} families | {large.families:,} families | ratio | bound |"
        yield "|---|---:|---:|---:|:---:|"
        for percent, what in ((50, "median"), (95, "95 of 100 within"), (99, "99 of 100 within")):
            ours, theirs = small.percentile(percent), large.percentile(percent)
            shown = middle if percent == 50 else f"{theirs / ours:.2f}"
            bound = _bound(f"≤ {SLOWER:g}", kept=spread.median <= SLOWER) if percent == 50 else ""
            yield f"| refresh, {what} | {ours:,.0f} µs | {theirs:,.0f} µs | {shown} | {bound} |"
        hot = _bound(f"≥ {HOT:.0%}", kept=min(small.hot, large.hot) >= HOT)
        yield f"| updates that touch no index (HOT) | {small.hot:.1%} | {large.hot:.1%} | | {hot} |"
        yield f"| of so many | {small.updates[0]:,} | {large.updates[0]:,} | | |"
        sizes = (small.bytes_per_session, large.bytes_per_session)
        yield f"| session and family on disk, with indexes | {sizes[0]:,.0f} B | {sizes[1]:,.0f} B | | |"
        one, other = small.flushed, large.flushed
        yield f"| flush: ended rows | {one.rows:,} | {other.rows:,} | | |"
        yield f"| flush: took | {one.seconds:.1f} s | {other.seconds:.1f} s | | |"
        memory = _bound(f"≤ {MEMORY:g}", kept=self._memory() <= MEMORY)
        peaks = f"{one.peak:.0f} MiB | {other.peak:.0f} MiB | {self._memory():.2f}"
        yield f"| flush: most memory | {peaks} | {memory} |"
        beside = [_percentiles(side.flushed.beside)[49] for side in (small, large)]
        yield f"| refresh beside the flush, median | {beside[0]:,.0f} µs | {beside[1]:,.0f} µs | | |"
        longest = [max(side.flushed.beside) * 1e3 for side in (small, large)]
        yield f"| refresh beside the flush, longest | {longest[0]:,.1f} ms | {longest[1]:,.1f} ms | | |"
        yield ""
        yield f"{self.setting} On {in_words(self.machine)}."
        yield ""

    def picture(self) -> str:
        """Latencies by percentile, and the memory of the flush as it goes on."""
        sides = (self.small, self.large)
        refreshes = {
            f"{side.families:,} families": [(p, side.percentile(p)) for p in range(1, 100)] for side in sides
        }
        flushes = {f"{side.flushed.rows:,} rows": side.flushed.memory for side in sides}
        panels = [
            Panel("A refresh in process, µs", "so many of a hundred are faster", refreshes),
            Panel("Memory of a flush, MiB", "rows deleted", flushes),
        ]
        return draw("Refreshing and flushing, in a small and in a large database", panels)


def _percentiles(seconds: Sequence[float]) -> list[float]:
    return [1e6 * value for value in statistics.quantiles(seconds, n=100, method="inclusive")]


def _bound(text: str, *, kept: bool) -> str:
    return text if kept else f"{text}, missed"
