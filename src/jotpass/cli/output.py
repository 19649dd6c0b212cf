"""What commands print: tables for people, JSON for programs, and nothing that a terminal would act on.

Colour and borders are for terminals alone; NO_COLOR (no-color.org) turns colour off there too.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click
from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from jotpass.inspection import visible_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

HIDDEN_STYLE: Final = "black on yellow"
"""Of the escapes that stand for characters which cannot be seen."""

json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, errors included."
)


def print_json(document: Any) -> None:
    """Print JSON in ASCII: whatever the strings hold, it is escaped."""
    text = json.dumps(document, indent=2, allow_nan=False)
    click.echo(text.replace("\x7f", "\\u007f"))


def print_rich(*renderables: RenderableType) -> None:
    """Print tables and text as wide as the terminal is."""
    console = make_console()
    with console.capture() as capture:
        for renderable in renderables:
            console.print(renderable)
    lines = capture.get().split("\n")
    if console.color_system is None:
        lines = [line.rstrip() for line in lines]
    click.echo("\n".join(lines), nl=False, color=True)


def print_note(message: str) -> None:
    """Print a remark beside the result: on standard error."""
    click.secho(f"Note: {message}", err=True, dim=True, color=None if colour_is_welcome() else False)


def make_console() -> Console:
    """Make a console for standard output."""
    return Console(
        file=sys.stdout,
        color_system="auto" if colour_is_welcome() else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def colour_is_welcome() -> bool:
    """Whether nobody asked for plain text."""
    return not os.environ.get("NO_COLOR")


def section(title: str, body: RenderableType, remark: str = "") -> RenderableType:
    """Put a title on something: in a frame on a terminal, above it elsewhere."""
    heading = Text.assemble((title, "bold"), (f"  {remark}" if remark else "", "dim"))
    if not make_console().is_terminal:
        return Group("", heading, body)
    return Panel(body, title=heading, title_align="left", box=box.ROUNDED, border_style="bright_black")


def foreign_text(text: str, style: str = "") -> Text:
    """Show text of strangers: hidden characters stand out as escapes."""
    shown = Text(style=style, overflow="fold")
    for part, hidden in visible_parts(text):
        shown.append(part, HIDDEN_STYLE if hidden else None)
    return shown
