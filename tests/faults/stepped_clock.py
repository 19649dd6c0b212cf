"""Wall clocks that a test can step, each for the processes that are started with its environment."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPILER = "cc"
_SOURCE = Path(__file__).with_name("stepped_clock.c")
_SECONDS = struct.Struct("=q")


def compiler() -> str | None:
    """The C compiler of this machine, None when it has none."""
    return shutil.which(COMPILER)


@dataclass(frozen=True)
class SteppedClock:
    """The real time and as many seconds as it was stepped by."""

    library: Path
    file: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which a process lives by this clock."""
        return {"LD_PRELOAD": str(self.library), "STEPPED_CLOCK": str(self.file)}

    def step(self, seconds: int) -> None:
        """Let it be this far ahead of the real time, from now on; negative is behind."""
        # In place: the processes have the file in their memory.
        with self.file.open("r+b") as file:
            file.write(_SECONDS.pack(seconds))


@contextlib.contextmanager
def stepped_clocks(*names: str) -> Iterator[list[SteppedClock]]:
    """A clock for each name, until the context ends; whoever runs a process may read them."""
    with tempfile.TemporaryDirectory(prefix="jotpass-clocks-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        library = folder / "stepped_clock.so"
        options = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run([COMPILER, *options], check=True, timeout=60)
        clocks = [SteppedClock(library, folder / name) for name in names]
        for clock in clocks:
            clock.file.write_bytes(_SECONDS.pack(0))
        yield clocks
