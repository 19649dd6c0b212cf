"""Draw `inspect.svg`: what `jotpass inspect` prints on a terminal, from a real run of it.

Run it again after a change to what the command prints; a test compares the words of the picture with those of
the program. The picture names no font of the net.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).resolve().parent
PICTURE = FOLDER / "inspect.svg"
TOKEN = FOLDER / "access-token.txt"
COLUMNS = 100
NOW = "2026-08-01T08:03:20Z"


def printed() -> str:
    """What the command prints for the token of the picture, with its colours."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "jotpass.cli", "inspect", f"@{TOKEN.name}", "--at", NOW],
        cwd=FOLDER,
        env={"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color", **_path()},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def picture(output: str) -> str:
    """Draw it."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(output.rstrip()))
        drawn = console.export_svg(title="jotpass inspect @access-token.txt", unique_id="inspect")
    without_fonts = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in without_fonts.splitlines()) + "\n"


def _path() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONUTF8": "1"}


if __name__ == "__main__":
    PICTURE.write_text(picture(printed()), encoding="utf-8")
