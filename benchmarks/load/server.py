"""The server that everybody is behind: granian, WSGI, as `jotpass serve` runs it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import granian

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    options = ["--no-ws", "--workers", str(workers), "--blocking-threads", str(threads)]
    with (
        tempfile.TemporaryDirectory(prefix="jotpass-load-") as folder,
        granian.serving(application, Path(folder), granian.environment(), *options) as [server],
    ):
        yield server.port


def talk(program: str) -> subprocess.Popen[str]:
    """Start another module of the benchmarks, to be talked to by lines."""
    return subprocess.Popen(
        [sys.executable, "-m", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
