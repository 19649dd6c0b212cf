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
    from collections.abc import Callable, Iterator, Mapping, Sequence

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


class ServerProcess:
    """A server that can be stopped, gently or not, and started again, by the thread that began it.

    Args:
        command: The program and its arguments, from `bound`.
        log: Where its output goes; it is shown when the server does not start.
        answers: Called until it returns true.
        environment: The program's environment; ours when None.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        answers: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = command
        self._log = log
        self._answers = answers
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: The program ended, or did not answer within START_SECONDS.
        """
        with self._log.open("ab") as output:
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=self._environment,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                text = self._log.read_text(errors="replace")
                raise RuntimeError(f"{self._command!r} did not start:\n{text}")
            time.sleep(0.02)

    def send(self, what: signal.Signals) -> None:
        """Send a signal, and wait for nothing."""
        assert self._process is not None
        self._process.send_signal(what)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Send a signal and wait for the end; nothing happens when it does not run."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextlib.contextmanager
def running(process: ServerProcess) -> Iterator[None]:
    """Keep a server running: ready when the context begins, stopped by SIGINT at the end.

    Raises:
        RuntimeError: It did not start.
    """
    try:
        process.start()
        yield
    finally:
        process.stop()
