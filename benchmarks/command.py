"""What the commands of the benchmarks have in common: the bar, `--keep`, `--output`, and how they close."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.pages import Found

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from benchmarks.pages import Place


class Judged(Found, Protocol):
    """What a run found that has bounds to keep."""

    @property
    def hold(self) -> bool:
        """Whether every bound is kept."""


def progress_bar() -> Progress:
    """A bar for each task, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def add_keeping(
    parser: argparse.ArgumentParser,
    *,
    keep: str = "keep a run at less than full size, too",
    output: str = "a folder to write table, JSON and picture to",
) -> None:
    """Let a command take `--keep` and `--output`, with these words of help."""
    parser.add_argument("--keep", action="store_true", help=keep)
    parser.add_argument("--output", type=Path, help=output)


def close(found: Judged, place: Place, *, publish: bool, output: Path | None = None) -> int:
    """Print the table, and keep the run where that is asked for.

    Args:
        found: What the run found.
        place: Where its benchmark is kept.
        publish: Whether this run goes there.
        output: A folder to write it to as well.

    Returns:
        The exit status: 1 when a bound is missed.
    """
    print(found.table())
    written: list[Path | str] = [*place.write(found, output)] if output else []
    if publish:
        written += place.publish(found)
    say_written(written)
    return 0 if found.hold else 1


def say_written(paths: Iterable[Path | str]) -> None:
    """List what was written, on standard error."""
    for path in paths:
        print(f"written: {path}", file=sys.stderr)
