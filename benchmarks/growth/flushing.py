"""`manage.py jotpass flush` in a process of its own, its memory watched, while people go on refreshing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.growth.holders import Holders

MEBIBYTE = 1024
SAMPLES = 200
BESIDE = 50
"""Refreshes between two looks at whether the flush is over."""


@dataclass
class Flushed:
    """One flush.

    Attributes:
        rows: Sessions and revocations that went.
        seconds: How long it took, the start of Python included.
        peak: The most memory that the process held, in MiB.
        memory: Rows deleted so far, and MiB held at that moment.
        beside: Seconds of each refresh that was made meanwhile.
    """

    rows: int = 0
    seconds: float = 0.0
    peak: float = 0.0
    memory: list[tuple[float, float]] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


def flush(using: str, holders: Holders) -> Flushed:
    """Flush a database while its people refresh."""
    command = [sys.executable, "-m", "django", "jotpass", "flush"]
    environment = os.environ | {
        "GROWTH_CHOSEN": using,
    }
    flushed, started = Flushed(), time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        watcher = threading.Thread(target=_watch, args=(process, flushed))
        watcher.start()
        while watcher.is_alive():
            flushed.beside += holders.refresh(BESIDE)
        watcher.join()
    if process.returncode:
        raise RuntimeError("the flush failed")
    flushed.seconds = time.monotonic() - started
    flushed.memory = flushed.memory[:: max(1, len(flushed.memory) // SAMPLES)]
    return flushed


def _watch(process: subprocess.Popen[str], flushed: Flushed) -> None:
    """Read what it prints, a line after each batch, and its memory at that moment."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("rows deleted\n"):
            flushed.rows = int(line.split()[0])
            held, peak = _memory(process.pid)
            flushed.peak = max(flushed.peak, peak)
            flushed.memory.append((flushed.rows, held))


def _memory(pid: int) -> tuple[float, float]:
    """MiB that a process holds, and the most that it ever held (Linux)."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    held, peak = (int(lines.get(name, "0 kB").split()[0]) / MEBIBYTE for name in ("VmRSS", "VmHWM"))
    return held, peak
