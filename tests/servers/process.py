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

SECONDS = 30.0
"""How long anything may take at the most: to start, to answer, to stop."""


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
        folder: Where the program runs.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        answers: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        folder: Path = Path("/"),
    ) -> None:
        self._command = command
        self._log = log
        self._answers = answers
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: The program ended, or did not answer within SECONDS.
        """
        self.launch()
        self.wait_for_an_answer()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment,
            )

    def wait_for_an_answer(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: The program ended, or did not answer within SECONDS.
        """
        process = self._running()
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                text = self._log.read_text(errors="replace")
                raise RuntimeError(f"{self._command!r} did not start:\n{text}")
            time.sleep(0.02)

    def send(self, what: signal.Signals) -> None:
        """Send a signal, and wait for nothing."""
        self._running().send_signal(what)

    def wait(self) -> int:
        """Wait until it has ended by itself; its exit code.

        Raises:
            subprocess.TimeoutExpired: It did not within SECONDS.
        """
        return self._running().wait(SECONDS)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running().pid

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Send a signal and wait for the end; nothing happens when it does not run."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was not started"
        return self._process


@contextlib.contextmanager
def running(*processes: ServerProcess) -> Iterator[None]:
    """Keep servers running: all are ready when the context begins, and stopped by SIGINT at the end.

    Raises:
        RuntimeError: One of them did not start.
    """
    with contextlib.ExitStack() as stack:
        for process in processes:
            stack.callback(process.stop)
            process.launch()
        for process in processes:
            process.wait_for_an_answer()
        yield
