"""`jotpass manage`: management commands of the ready-made project, in the environment of `serve`."""

from __future__ import annotations

import os
import sys

import click

from jotpass.cli.failure import plain_failures
from jotpass.server import startup
from jotpass.server.data_folder import prepare_data_folder, stored_secret_key
from jotpass.server.environment import read_environment

_HELP = frozenset({"-h", "--help", "--version"})


@click.command(
    "manage",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a management command of the ready-made project.

    Without JOTPASS_SECRET_KEY the secret that `jotpass demo` keeps in the data folder is used.
    """
    with plain_failures():
        environment = read_environment()
        if not environment.secret_key:
            os.environ["JOTPASS_SECRET_KEY"] = stored_secret_key(environment.data)
        if not environment.database_url and not _asks_for_help(arguments):
            prepare_data_folder(environment.data)
        startup.run_management_command(f"{sys.argv[0]} manage", arguments)


def _asks_for_help(arguments: tuple[str, ...]) -> bool:
    """Tell whether Django will only explain itself, for which no folder has to be made."""
    return arguments[:1] in {(), ("help",), ("version",)} or not _HELP.isdisjoint(arguments)
