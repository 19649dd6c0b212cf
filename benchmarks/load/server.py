"""The server that everybody is behind: granian, WSGI, as `jotpass serve` runs it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.server.program import free_port, listens
from tests.servers.process import ServerProcess, bound, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def serving(application: str, *, workers: int, threads: int) -> Iterator[int]:
    """Serve a WSGI application until the context ends.

    Args:
        application: As `module:name`.
        workers: Processes.
        threads: Threads of each.

    Yields:
        The port.
    """
    port = free_port()
    options = ["--workers", workers, "--blocking-threads", threads, "--port", port, "--log-level", "warning"]
    program = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", *map(str, options)]
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory(prefix="jotpass-load-") as folder:
        command = bound(*program, application)
        with running(ServerProcess(command, log=Path(folder) / "log", answers=lambda: listens(port))):
            yield port


def talk(program: str) -> subprocess.Popen[str]:
    """Start another module of the benchmarks, to be talked to by lines."""
    return subprocess.Popen(
        [sys.executable, "-m", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
