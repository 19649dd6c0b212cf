"""What `jotpass demo` prints: the lines to type next, whole, one to a line, so that they can be copied."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from jotpass.server.demo.person import PASSWORD, USERNAME

if TYPE_CHECKING:
    from rich.console import Console


def print_steps(console: Console, origin: str) -> None:
    """Print the address of the landing page and every call of the tutorial.

    Args:
        console: Where to, soft-wrapping, so that no command line is broken. Without a terminal, or with
            NO_COLOR, rich leaves out the colours.
        origin: Scheme, host and port of the running demo.
    """
    _print(console, Text("\nJotpass is running. ", style="bold green"), Text("Ctrl-C ends it.\n"))
    _print(console, Text("In a browser"))
    _print(console, Text(f"  {origin}/\n", style="bold cyan"))
    _print(console, Text("In another terminal"), Text(_activation(), style="dim"))
    for title, lines in _steps(origin):
        _print(console, Text(f"\n  # {title}", style="dim"))
        for line in lines:
            _print(console, Text(f"  {line}", style="bold"))
    _print(console, Text("\nEvery request is listed below, without the tokens.\n", style="dim"))


def _steps(origin: str) -> list[tuple[str, list[str]]]:
    bearer = "'Authorization: Bearer ACCESS'"
    body = f'{{"username": "{USERNAME}", "password": "{PASSWORD}"}}'
    return [
        (
            "sign in, with HTTPie or with curl: two tokens come back",
            [
                f"http post {origin}/api/token/ username={USERNAME} password={PASSWORD}",
                f"curl -X POST {origin}/api/token/ -H 'Content-Type: application/json' -d '{body}'",
            ],
        ),
        ("call the protected API with the access token", [f"http {origin}/api/hello/ {bearer}"]),
        (
            "exchange the refresh token for the next pair",
            [f"http post {origin}/api/token/refresh/ refresh=REFRESH"],
        ),
        ("sign out: from now on both tokens are refused", [f"http post {origin}/api/logout/ {bearer}"]),
    ]


def _activation() -> str:
    """Say how `http` gets on the PATH of a new terminal when it lives in a virtual environment."""
    if sys.prefix == sys.base_prefix or not (Path(sys.prefix) / "bin" / "http").exists():
        return ""
    activate = os.path.relpath(Path(sys.prefix) / "bin" / "activate")
    return f"   (`. {activate}` puts http on its PATH)"


def _print(console: Console, *parts: Text) -> None:
    console.print(Text.assemble(*parts))
