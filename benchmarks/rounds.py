"""Interleaved rounds: in each, everybody runs once, so that what the machine does befalls them all alike.

A round gives one time for each contestant and so one ratio between two of them; what is reported is the
median of these ratios over the rounds, and their spread.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from time import perf_counter
from typing import TypeAlias

Operation: TypeAlias = Callable[[], object]
Times: TypeAlias = Mapping[str, list[float]]
"""For each contestant the seconds that one operation took, round by round."""

SLICE = 0.02
"""Seconds for which a contestant runs in a round."""

TURNS = 4
"""How often the contestants take turns within a round: the clock of a processor changes faster than that."""

WARM_UP = 0.1
"""Seconds for which it runs before the first."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median over the rounds, and between what the middle half of them lay."""

    median: float
    low: float
    high: float


def race(rounds: int, contestants: Mapping[str, Operation], *, seconds: float = SLICE) -> Times:
    """Time operations against each other.

    Within a round they take turns, so that they share its good and bad moments. Who begins a round changes
    from one to the next. The garbage collector has nothing to do when a round begins, and then runs as it
    would in production.

    Args:
        rounds: How many rounds.
        contestants: The operations, by name.
        seconds: For how long each runs in a round, about.
    """
    repetitions = {name: _repetitions(operation, seconds / TURNS) for name, operation in contestants.items()}
    gc.collect()
    gc.freeze()
    times = take_turns(
        rounds, {name: partial(timed, contestants[name], repetitions[name]) for name in contestants}
    )
    gc.unfreeze()
    return times


def take_turns(rounds: int, timers: Mapping[str, Callable[[], float]]) -> Times:
    """Let everybody be timed in turns; who begins a round changes from one to the next.

    Args:
        rounds: How many rounds.
        timers: By name, what times a contestant and returns the seconds that one operation took.
    """
    times: dict[str, list[float]] = {name: [] for name in timers}
    order = list(timers)
    for _ in range(rounds):
        gc.collect()
        turns = [{name: timers[name]() for name in order} for _ in range(TURNS)]
        for name in order:
            times[name].append(statistics.fmean(turn[name] for turn in turns))
        order.append(order.pop(0))
    return times


def ratio(times: Times, over: str, under: str) -> Spread:
    """How many times as long as `under` the contestant `over` takes."""
    return spread(one / other for one, other in zip(times[over], times[under], strict=True))


def spread(values: Iterable[float]) -> Spread:
    """The median and the quartiles of the values of some rounds."""
    found = sorted(values)
    if len(found) == 1:
        return Spread(found[0], found[0], found[0])
    low, median, high = statistics.quantiles(found, n=4, method="inclusive")
    return Spread(median, low, high)


def _repetitions(operation: Operation, seconds: float) -> int:
    """Warm up, then find how often the operation has to run to take that long."""
    _count(operation, WARM_UP)
    return max(1, round(_count(operation, WARM_UP) * seconds / WARM_UP))


def _count(operation: Operation, seconds: float) -> int:
    """Run the operation for so long, and count how often it ran."""
    count, end = 0, perf_counter() + seconds
    while perf_counter() < end:
        operation()
        count += 1
    return count


def timed(operation: Operation, repetitions: int) -> float:
    """Run the operation so often, and return the seconds that it took once."""
    # The caches of the processor still hold what the one before it needed.
    for _ in repeat(None, repetitions // 4):
        operation()
    started = perf_counter()
    for _ in repeat(None, repetitions):
        operation()
    return (perf_counter() - started) / repetitions
