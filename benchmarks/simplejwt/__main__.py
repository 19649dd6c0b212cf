"""`python -m benchmarks.simplejwt`: the drop-in against the real package, and native `jotpass.auth`.

    --rounds N      interleaved rounds of each row (21)
    --only WORD     only the rows whose group or name has the word in it, such as `PostgreSQL` or `rotate`
    --keep          keep table and picture of a run at less than full size, too
    --output DIR    write them there as well

The two packages have the same import name, so each contestant is a process of its own, with a database
of its own; the environment is the same but for the drop-in's place at the front of the path. They take
turns: while one is timed, the others wait.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.command import add_keeping, close, progress_bar
from benchmarks.machine import describe
from benchmarks.pages import EXPLANATION, ROOT, Place
from benchmarks.rounds import take_turns
from benchmarks.simplejwt.findings import DROP_IN, NATIVE, REAL, Findings, Measurement
from benchmarks.simplejwt.rows import GROUPS
from jotpass import jose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import Progress

    from benchmarks.simplejwt.rows import Group, Row

ROUNDS = 21
PACKAGES = (
    "djangorestframework-simplejwt",
    "PyJWT",
    "Django",
    "djangorestframework",
    "psycopg",
    "cryptography",
)
PLACE = Place(
    "bench-simplejwt",
    "simplejwt",
    EXPLANATION / "performance.md",
    "The drop-in beside the real package, as bars; the tables hold the same figures",
)
DROP_IN_SOURCE = ROOT / "compat" / "simplejwt" / "src"


class Contestant:
    """A process that is told what to do, line by line.

    Args:
        name: Which library it stands on.
        group: Whose settings it has.
        url: Its database.
        key: The private key in PEM; empty where the algorithm needs none.
    """

    def __init__(self, name: str, group: Group, url: str, key: str) -> None:
        environment = os.environ | {
            "BENCHMARK_CONTESTANT": name,
            "BENCHMARK_DATABASE_URL": url,
            "BENCHMARK_SIMPLE_JWT": json.dumps(dict(group.settings)),
        }
        if key:
            environment["BENCHMARK_KEY"] = key
        if name == DROP_IN:
            environment["PYTHONPATH"] = os.pathsep.join(
                [str(DROP_IN_SOURCE), os.environ.get("PYTHONPATH", "")]
            )
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.simplejwt.contestant"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )

    def tell(self, **message: object) -> Any:
        """Tell it something, and return what it answers.

        Raises:
            SystemExit: It has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended while it was told {message}")
        return json.loads(line)

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def main() -> int:
    """Measure what was asked for; 1 when a bound is missed."""
    options = _options()
    chosen = list(_chosen(options.only))
    if not chosen:
        raise SystemExit("--only is part of no group and no row")
    with progress_bar() as progress:
        measured = [one for group in chosen for one in _measure(group, options.rounds, progress)]
    # A database is one table, however many settings it was measured with.
    found = Findings(
        measured,
        f"simplejwt {version('djangorestframework-simplejwt')}",
        options.rounds,
        describe(PACKAGES),
    )
    whole = options.rounds >= ROUNDS and not options.only
    return close(found, PLACE, publish=options.keep or whole, output=options.output)


def _chosen(only: str) -> Iterator[Group]:
    for group in GROUPS:
        rows = group.rows if only in group.title else tuple(row for row in group.rows if only in row.word)
        if rows:
            yield replace(group, rows=rows)


def _measure(group: Group, rounds: int, progress: Progress) -> Iterator[Measurement]:
    key = _private_key(group.settings.get("ALGORITHM", "HS256"))
    task = progress.add_task(f"{group.title} {' '.join(group.settings)}", total=len(group.rows))
    with group.databases() as fresh_url, contextlib.ExitStack() as stack:
        contestants = []
        for name in (REAL, DROP_IN, NATIVE):
            contestant = Contestant(name, group, fresh_url(), key)
            stack.callback(contestant.close)
            contestants.append(contestant)
        for row in group.rows:
            yield _race(group, row, rounds, contestants)
            progress.advance(task)


def _race(group: Group, row: Row, rounds: int, contestants: Sequence[Contestant]) -> Measurement:
    statements: dict[str, int] = {}
    timers: dict[str, Callable[[], float]] = {}
    for contestant in contestants:
        answer = contestant.tell(row=row.word, seconds=row.seconds)
        if answer is not None:
            statements[contestant.name] = answer
            timers[contestant.name] = partial(contestant.tell)
    return Measurement(group, row, take_turns(rounds, timers), statements)


def _private_key(algorithm: str) -> str:
    if algorithm.startswith("HS"):
        return ""
    material: Any = jose.Key.generate(algorithm).material
    return str(material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-simplejwt", description="Measure the drop-in against the package it replaces."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds of each row")
    parser.add_argument("--only", default="", help="part of the title of a table or of the name of a row")
    add_keeping(parser)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
