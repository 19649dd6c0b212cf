"""A real server of the contract and of its schema, for the programs that try the one by the other."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server.program import SECONDS, free_port, listens, until
from tests.servers.process import bound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Site:
    """A running server, and what a program beside it needs to know."""

    origin: str
    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a Python module to its end, in the server's folder."""
        return subprocess.run(
            bound(sys.executable, "-m", *arguments),
            cwd=self.folder,
            env=dict(self.environment) | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of its own over a socket."""
    folder = tmp_path_factory.mktemp("openapi")
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENAPI_DATABASE": str(folder / "db.sqlite3")}
    running = Site(f"http://127.0.0.1:{port}", folder, environment)
    made = running.run("tests.openapi.site")
    assert made.returncode == 0, made.stderr
    with _served(port, folder / "server.log", environment):
        yield running


@contextlib.contextmanager
def _served(port: int, log: Path, environment: Mapping[str, str]) -> Iterator[None]:
    command = bound(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws")
    options = ["--port", str(port), "--workers", "1", "--blocking-threads", "4", "--log-level", "warning"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options, "tests.openapi.site:application"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: listens(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text(errors="replace")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
