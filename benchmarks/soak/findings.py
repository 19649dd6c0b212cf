"""What a soak found, minute by minute: a table, JSON, a picture, and whether memory is flat."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from benchmarks.lines import Panel, draw
from benchmarks.machine import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RISE: Final = 0.03
"""By how much memory may rise over the time that is judged, and still be flat."""

WARM_UP: Final = 7.0
"""Minutes that are not judged: revocations, and so the feed, grow until the first of them end."""

SHORTEST: Final = 10.0
"""Minutes that must remain to judge by."""


@dataclass(frozen=True, slots=True)
class Minute:
    """One look at client, server and database.

    Attributes:
        at: Minutes since the beginning, at its end.
        answers: How many answers there were to what.
        errors: Those that were not the expected ones, by what and status.
        seconds: How long it really was.
        milliseconds: Percentiles of the latency, by what was asked.
        busy: The share of one processor that the client used.
        memory: MiB that each worker holds, by process id.
        database: MiB of the database.
        revocations: Rows of revocations that are in force: what each process holds in memory.
    """

    at: float
    answers: Mapping[str, int]
    errors: Mapping[str, int]
    seconds: float
    milliseconds: Mapping[str, Mapping[str, float]]
    busy: float
    memory: Mapping[str, float]
    database: float
    revocations: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.answers.values()) / self.seconds

    def latency(self, percentile: str) -> float:
        """Milliseconds of a call."""
        return self.milliseconds.get("call", {}).get(percentile, 0.0)


@dataclass
class Findings:
    """A soak so far."""

    setting: str
    machine: Mapping[str, str]
    minutes: list[Minute] = field(default_factory=list)

    @property
    def answers(self) -> Counter[str]:
        """How many answers there were, by what was asked."""
        return sum((Counter(minute.answers) for minute in self.minutes), Counter())

    @property
    def errors(self) -> Counter[str]:
        """Everything that was not as expected."""
        found = sum((Counter(minute.errors) for minute in self.minutes), Counter())
        workers = {pid for minute in self.minutes for pid in minute.memory}
        first = set(self.minutes[0].memory) if self.minutes else set()
        if workers - first:
            found["a worker was replaced"] = len(workers - first)
        return found

    @property
    def rise(self) -> float | None:
        """The share by which the memory of all workers rose after the warm-up; None if that was too short.

        Read off the straight line through the minutes, so that neither the first nor the last decides.
        """
        judged = [minute for minute in self.minutes if minute.at > WARM_UP]
        if not judged or judged[-1].at - WARM_UP < SHORTEST:
            return None
        times = [minute.at for minute in judged]
        line = statistics.linear_regression(times, [sum(minute.memory.values()) for minute in judged])
        begin, end = (line.intercept + line.slope * at for at in (times[0], times[-1]))
        return end / begin - 1

    @property
    def hold(self) -> bool:
        """Whether there were no errors and, if it can be judged, memory was flat."""
        return not self.errors and (self.rise is None or self.rise <= RISE)

    def verdict(self) -> str:
        """In one line."""
        total = sum(self.answers.values())
        errors = ", ".join(f"{count} x {what}" for what, count in self.errors.items()) or "0 errors"
        if self.rise is None:
            memory = f"too short to judge the memory (that takes {WARM_UP + SHORTEST:g} minutes)"
        else:
            flat = "flat" if self.rise <= RISE else "NOT flat"
            memory = (
                f"memory {flat}: {self.rise:+.1%} after the first {WARM_UP:g} minutes (bound {RISE:+.0%})"
            )
        seconds = sum(minute.seconds for minute in self.minutes)
        pace = f"{total:,} requests in {seconds / 60:.1f} minutes, {total / seconds:,.0f} a second"
        return f"{pace}; {errors}; {memory}."

    def as_json(self) -> dict[str, Any]:
        """The members of a JSON object."""
        return {
            "machine": self.machine,
            "setting": self.setting,
            "answers": self.answers,
            "errors": self.errors,
            "memory_rise": self.rise,
            "holds": self.hold,
            "minutes": [
                {name: getattr(minute, name) for name in Minute.__dataclass_fields__}
                for minute in self.minutes
            ],
        }

    def table(self, rows: int = 11) -> str:
        """In Markdown, with so many of the minutes."""
        return "\n".join(self._lines(rows))

    def _lines(self, rows: int) -> Iterator[str]:
        yield self.verdict()
        yield ""
        yield (
            "| minute | requests a second | errors | a call: half within | 99 of 100 within | memory of the"
            " workers | database | revocations in force |"
        )
        yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
        yield from (_row(minute) for minute in _some(self.minutes, rows))
        yield ""
        counts = ", ".join(f"{count:,} x {what}" for what, count in self.answers.most_common())
        busy = max(minute.busy for minute in self.minutes)
        yield f"{counts}. {self.setting} The client was busy {busy:.0%} of the time at most."
        yield f"On {in_words(self.machine)}."
        yield ""

    def picture(self) -> str:
        """Rate, latency, memory, and what grows, along the minutes."""
        pids = sorted({pid for minute in self.minutes for pid in minute.memory})
        memory = {
            f"worker {number}": [(m.at, m.memory[pid]) for m in self.minutes if pid in m.memory]
            for number, pid in enumerate(pids, 1)
        }
        latency = {
            name: [(minute.at, minute.latency(percentile)) for minute in self.minutes]
            for name, percentile in (("half within", "p50"), ("99 of 100 within", "p99"))
        }
        in_force = [(minute.at, float(minute.revocations)) for minute in self.minutes]
        panels = [
            Panel("Requests a second", "minutes", {"answered": [(m.at, m.rate) for m in self.minutes]}),
            Panel("Latency of a call, ms", "minutes", latency),
            Panel("Memory, MiB", "minutes", memory),
            Panel("Revocations in force", "minutes", {"rows": in_force}),
        ]
        return draw("A mixed load, minute by minute", panels)


def _row(minute: Minute) -> str:
    memory = " + ".join(f"{held:.0f}" for _, held in sorted(minute.memory.items()))
    cells = (
        f"{minute.at:.1f}",
        f"{minute.rate:,.0f}",
        f"{sum(minute.errors.values())}",
        f"{minute.latency('p50'):.1f} ms",
        f"{minute.latency('p99'):.1f} ms",
        f"{memory} MiB",
        f"{minute.database:.0f} MiB",
        f"{minute.revocations:,}",
    )
    return f"| {' | '.join(cells)} |"


def _some(minutes: Sequence[Minute], count: int) -> Sequence[Minute]:
    """The first, the last, and others at even distances."""
    if len(minutes) <= count:
        return minutes
    step = (len(minutes) - 1) / (count - 1)
    return [minutes[round(number * step)] for number in range(count)]
