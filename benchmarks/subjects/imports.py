"""Import a library in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

from benchmarks.figures import JOTPASS, Contest
from benchmarks.peers import JOSERFC, PYJWT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

SUBJECT: Final = "Import the library"
MODULES: Final = {JOTPASS: "jotpass.jose", PYJWT: "jwt", JOSERFC: "joserfc.jwt"}
PROGRAM: Final = """
from time import perf_counter
started = perf_counter()
import {module}
print(perf_counter() - started)
"""


def measure(rounds: int) -> Iterator[Figure]:
    """Import each once in a round, everything compiled beforehand."""
    times: dict[str, list[float]] = {name: [] for name in MODULES}
    for round_number in range(rounds + 1):
        for name, module in MODULES.items():
            seconds = _import(module)
            if round_number:
                times[name].append(seconds)
    contest = Contest(SUBJECT, "`import` of what verifies", times)
    yield contest.rate(PYJWT)
    yield contest.rate(JOSERFC)


def _import(module: str) -> float:
    program = [sys.executable, "-I", "-c", PROGRAM.format(module=module)]
    return float(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
