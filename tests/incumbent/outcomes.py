"""What came of each test in a run of the published tests."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.incumbent.environments import clean_environment

RECORDER: Final = Path(__file__).with_name("outcome_recorder.py")
RAN: Final = {0, 1}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test.

    Attributes:
        failures: How often each of its parts failed: by subtest, or by phase outside of one.
        skipped: Whether it was not run.
    """

    failures: Counter[str] = field(default_factory=Counter)
    skipped: bool = False

    def __str__(self) -> str:
        return "failed" if self.failures else "skipped" if self.skipped else "passed"


Outcomes = dict[str, Outcome]


class SuiteError(Exception):
    """The tests did not run to their end."""


def run_tests(python: Path, folder: Path, *arguments: str, **environment: str) -> Outcomes:
    """Run the tests in a folder, and tell what came of each.

    Args:
        python: The interpreter.
        folder: Where the tests are.
        arguments: More for pytest.
        environment: More for the environment.

    Raises:
        SuiteError: They did not run to their end; the message is what pytest printed.
    """
    shutil.copy(RECORDER, folder)
    written = folder / "outcomes.json"
    written.unlink(missing_ok=True)
    pytest: list[str | Path] = [
        python,
        "-m",
        "pytest",
        "--quiet",
        "-p",
        "no:cacheprovider",
        "-p",
        RECORDER.stem,
        *arguments,
    ]
    variables = clean_environment() | environment
    run = subprocess.run(pytest, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if run.returncode not in RAN or not written.exists():
        raise SuiteError(run.stdout[-4000:] + run.stderr[-4000:])
    return read_outcomes(json.loads(written.read_text()))


def read_outcomes(records: list[list[str]]) -> Outcomes:
    """Sum up what the recorder wrote: the id of a test, a part of it, and what came of that part."""
    outcomes: Outcomes = {}
    for test, part, result in records:
        known = outcomes.get(test, Outcome())
        failures = known.failures + Counter({part: int(result == "failed")})
        outcomes[test] = Outcome(failures, known.skipped or result == "skipped")
    return outcomes
