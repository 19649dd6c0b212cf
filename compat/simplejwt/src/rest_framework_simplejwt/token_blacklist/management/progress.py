"""How far a command has come: a bar on a terminal, a line for each batch elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.core.management.base import OutputWrapper

WIDTH: Final = 30


def show_progress(out: OutputWrapper, done: int, total: int) -> None:
    """Say that so many of so many rows are done.

    Args:
        out: The command's output.
        done: How many are; with the last of them, the bar's line ends.
        total: How many there are; more may have come meanwhile.
    """
    total = max(done, total)
    if not out.isatty():
        out.write(f"{done} of {total}")
        return
    filled = WIDTH * done // total if total else WIDTH
    out.write(
        f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total}", ending="" if done < total else "\n"
    )
    out.flush()
