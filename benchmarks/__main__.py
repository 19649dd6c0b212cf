"""`python -m benchmarks`: measure every subject, print the table, and keep table and picture.

    --rounds N      interleaved rounds of each race (21)
    --only WORD     only the subjects whose name has the word in it, such as `verify` or `postgresql`

A quick look, with fewer rounds than five or with some of the subjects, is printed and not kept.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from benchmarks import report
from benchmarks.command import say_written
from benchmarks.databases import postgresql_url, relaxed_postgresql_url, sqlite_url
from benchmarks.figures import Figure
from benchmarks.machine import describe
from benchmarks.pages import EXPLANATION, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

Database: TypeAlias = Callable[[], AbstractContextManager[str]]

ROUNDS = 21
FEWEST_ROUNDS = 5
PLACE = Place("bench", "results", EXPLANATION / "performance.md")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured in one process: the name of a room under `subjects`, and the database it needs."""

    room: str
    database: Database | None = None

    @property
    def name(self) -> str:
        """The name that `--only` looks at."""
        return f"{self.room}-{self.database.__name__.removesuffix('_url')}" if self.database else self.room

    def figures(self, rounds: int) -> Iterator[Figure]:
        """Measure, handing on each figure as it comes."""
        with contextlib.ExitStack() as stack:
            environment = dict(os.environ)
            if self.database:
                environment["BENCHMARK_DATABASE_URL"] = stack.enter_context(self.database())
            command = [sys.executable, "-m", "benchmarks.subject", self.room, str(rounds)]
            process = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            )
            assert process.stdout is not None
            for line in process.stdout:
                yield Figure.from_json(json.loads(line))
            if process.wait():
                raise SystemExit(f"{self.name} failed")


SUBJECTS = (
    Subject("verify"),
    Subject("sign"),
    Subject("imports"),
    Subject("request", sqlite_url),
    Subject("request", postgresql_url),
    Subject("refresh", sqlite_url),
    Subject("refresh", relaxed_postgresql_url),
    Subject("refresh", postgresql_url),
)


def main() -> None:
    """Measure what was asked for."""
    options = _options()
    chosen = [subject for subject in SUBJECTS if options.only in subject.name]
    if not chosen:
        raise SystemExit(f"--only is part of one of: {', '.join(subject.name for subject in SUBJECTS)}")
    started, figures = time.monotonic(), list[Figure]()
    for subject in chosen:
        print(f"{subject.name} ...", file=sys.stderr, flush=True)
        figures += subject.figures(options.rounds)
    run = report.Run(describe(), options.rounds, tuple(figures))
    print(run.table())
    print(f"{len(figures)} figures in {time.monotonic() - started:.0f} seconds", file=sys.stderr)
    if len(chosen) == len(SUBJECTS) and options.rounds >= FEWEST_ROUNDS:
        say_written(PLACE.publish(run))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure Jotpass against other libraries."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds of each race")
    parser.add_argument("--only", default="", help="part of the name of a subject")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


if __name__ == "__main__":
    main()
