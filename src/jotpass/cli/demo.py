"""`jotpass demo`: the whole of it on one machine, with one user, one protected endpoint and a page to try."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from jotpass.cli.demo_steps import print_steps
from jotpass.cli.failure import plain_failures
from jotpass.server import startup
from jotpass.server.data_folder import kept_secret_key, prepare_data_folder
from jotpass.server.demo.person import ensure_person
from jotpass.server.supervision import Listener, reserved_address, run

_HOST = "127.0.0.1"
_THREADS = 8


@click.command("demo")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1."
)
@click.option(
    "--data",
    default=".jotpass",
    envvar="JOTPASS_DATA",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database and the secret key.",
)
def command(port: int, data: Path) -> None:
    """Try everything on this machine: one command, no configuration.

    Listens on 127.0.0.1 alone, keeps its files in one folder, and has a user vitor whose password is 123.
    """
    console = Console(highlight=False, soft_wrap=True)
    with plain_failures(), reserved_address(_HOST, port) as address:
        listener = Listener(address, port, workers=1, threads=_THREADS)
        folder = data.absolute()
        prepare_data_folder(folder)
        _stand_alone(folder)
        startup.set_up("jotpass.server.demo.settings")
        startup.migrate()
        ensure_person()
        startup.close_connections()
        run(listener, announce=lambda: print_steps(console, listener.origin))
    console.print("\nStopped. Your data stays in", Text(str(data), style="bold"))


def _stand_alone(folder: Path) -> None:
    """Point the environment at the folder and at nothing else: the demo never touches a server's database."""
    for name in ("JOTPASS_DATABASE_URL", "JOTPASS_REDIS_URL", "JOTPASS_SECRET_KEY_FALLBACKS"):
        os.environ.pop(name, None)
    os.environ["JOTPASS_DATA"] = str(folder)
    os.environ["JOTPASS_SECRET_KEY"] = kept_secret_key(folder)
    os.environ["JOTPASS_THREADS"] = str(_THREADS)
