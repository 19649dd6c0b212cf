"""The menu of the command line: a command is imported when it is called, so that none needs all packages."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """A group whose commands live in rooms named after them: `jotpass.cli.<name>`, attribute `command`.

    The short help stands here as well, so that `--help` imports no command.
    """

    rooms: ClassVar[Mapping[str, str]] = {
        "demo": "Try everything on this machine: one command, no configuration.",
        "serve": "Serve the ready-made project, configured by environment variables.",
        "manage": "Run a management command of the ready-made project.",
    }
    extras: ClassVar[Mapping[str, str]] = {"demo": "server", "serve": "server", "manage": "server"}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the menu."""
        return list(self.rooms)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; one whose extra is not installed says which."""
        if cmd_name not in self.rooms:
            return None
        try:
            command: click.Command = import_module(f"jotpass.cli.{cmd_name}").command
        except ModuleNotFoundError as missing:
            if cmd_name not in self.extras or (missing.name or "").startswith("jotpass"):
                raise
            extra = self.extras[cmd_name]
            raise click.ClickException(
                f"{cmd_name} needs the package {missing.name}: pip install 'jotpass[{extra}]'"
            ) from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.rooms.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jotpass", message="jotpass %(version)s")
def program() -> None:
    """Issue, verify, inspect and serve JSON Web Tokens."""
