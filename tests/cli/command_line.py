"""The command line in this process, and as the installed program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from jotpass.cli.program import program

SECONDS = 60
SCRIPT = Path(sys.executable).with_name("jotpass")


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error of a `--json` answer."""
        error: dict[str, Any] = self.json["error"]
        return error


def run(*arguments: object, stdin: str | bytes = "", **variables: str) -> Answer:
    """Run a command in this process; an exception that is no exit fails the test."""
    environment = {"COLUMNS": "100", "NO_COLOR": None, "FORCE_COLOR": None, **variables}
    result = CliRunner().invoke(
        program, [str(argument) for argument in arguments], input=stdin, env=environment, prog_name="jotpass"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def environment(**variables: str) -> dict[str, str]:
    """A reader's environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"COLUMNS": "100"} | variables


def run_script(
    *arguments: object, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the installed console script."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)],
        input=stdin,
        env=environment(**variables),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
