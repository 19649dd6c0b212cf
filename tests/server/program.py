"""The `jotpass` command as a person runs it: a process of its own, in a folder of its own, on a free port."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers import process as processes
from tests.servers.http_server import HttpServer
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = processes.SECONDS
READY = ("Every request is listed below", "Jotpass serves ")
SECRET = "kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD_pAeViOoXqYs"


@dataclass(frozen=True)
class Server(HttpServer):
    """A running `jotpass demo` or `jotpass serve`."""

    process: ServerProcess = field(repr=False)

    def sign_in(self, username: str = "vitor", password: str = "123") -> dict[str, Any]:
        """Sign in; the token pair."""
        answer = self.call("POST", "/api/token/", {"username": username, "password": password})
        assert answer.status == 200, answer.body
        pair: dict[str, Any] = answer.json
        return pair

    def workers(self) -> set[int]:
        """The process ids of its workers."""
        found = set()
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parent = status.read_text().rpartition(")")[2].split()[1]
                program = status.with_name("cmdline").read_bytes()
                if parent == str(self.process.pid) and b"spawn_main" in program:
                    found.add(int(status.parent.name))
        return found

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send(how)
        return self.process.wait()


def command_line(*arguments: str | Path) -> list[str]:
    """The command line of `jotpass`, bound to the life of the test process."""
    return processes.bound(sys.executable, "-m", "jotpass.cli", *arguments)


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without any variable of Jotpass or Django, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JOTPASS_", "DJANGO_"))}
    return kept | {"COLUMNS": "60"} | variables


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a `jotpass` command to its end."""
    return subprocess.run(
        command_line(*arguments),
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )


@contextlib.contextmanager
def running(folder: Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """Keep a `jotpass` server running, on a free port, until the context ends.

    Raises:
        RuntimeError: It ended, or did not say in time that it is ready.
    """
    port = free_port()
    log = folder / f"output-{port}.log"
    process = ServerProcess(
        command_line(*arguments, "--port", str(port)),
        log=log,
        answers=lambda: any(line in server.output for line in READY),
        environment=environment(**variables),
        folder=folder,
    )
    server = Server(port, log, process)
    with processes.running(process):
        yield server


def until(holds: Any) -> None:
    """Wait, within SECONDS, until something holds.

    Raises:
        AssertionError: It did not.
    """
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.02)
