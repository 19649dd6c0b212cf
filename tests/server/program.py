"""The `jotpass` command as a person runs it: a process of its own, in a folder of its own, on a free port."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers.process import bound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS = 30.0
READY = ("Every request is listed below", "Jotpass serves ")
SECRET = "kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD_pAeViOoXqYs"


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Server:
    """A running `jotpass demo` or `jotpass serve`."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path = field(repr=False)

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one request over a connection of its own; `body` is sent as JSON unless it is bytes."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)) as wire:
            wire.request(method, path, body=content, headers=sent | dict(headers or {}))
            response = wire.getresponse()
            return Answer(response.status, response.headers, response.read())

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
        self.process.send_signal(how)
        return self.process.wait(SECONDS)


def command_line(*arguments: str | Path) -> list[str]:
    """The command line of `jotpass`, bound to the life of the test process."""
    return bound(sys.executable, "-m", "jotpass.cli", *arguments)


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
        AssertionError: It ended, or did not say within SECONDS that it is ready.
    """
    port = free_port()
    log = folder / f"output-{port}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command_line(*arguments, "--port", str(port)),
            cwd=folder,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, process, log)
    try:
        until(lambda: any(line in server.output for line in READY) or process.poll() is not None)
        assert process.poll() is None, server.output
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()


def until(holds: Any) -> None:
    """Wait, within SECONDS, until something holds.

    Raises:
        AssertionError: It did not.
    """
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.02)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0
