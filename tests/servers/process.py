"""Start a server program, wait until it answers, and stop it within a bound."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

START_SECONDS = 30.0
STOP_SECONDS = 10.0


def bound(*command: str | Path, user: int | None = None) -> list[str]:
    """The command line that runs `command` no longer than the process that starts it.

    Args:
        command: The program, by absolute path, and its arguments.
        user: Who runs it; only root may name somebody.
    """
    who = "-" if user is None else str(user)
    launcher = Path(__file__).with_name("child.py")
    return [sys.executable, "-I", "-S", str(launcher), who, *map(str, command)]


@contextlib.contextmanager
def running(command: Sequence[str], *, log: Path, answers: Callable[[], bool]) -> Iterator[None]:
    """Keep a server running: ready when `answers()` is true, stopped by SIGINT at the end.

    Args:
        command: The program and its arguments, from `bound`.
        log: Where its output goes; it is shown when the server does not start.
        answers: Called until it returns true.

    Raises:
        RuntimeError: The program ended, or did not answer within START_SECONDS.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/"
        )
    try:
        _wait(process, log, answers)
        yield
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], log: Path, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
