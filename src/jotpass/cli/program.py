"""The menu of the command line: a command is imported when it is called, so that none needs all packages."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, ClassVar

import click
from click.shell_completion import CompletionItem

from jotpass.cli.bash_completion import register
from jotpass.cli.refusal import INTERRUPTED, WHY_NO_SECRETS, Misuse, Refusal, show_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class LazyGroup(click.Group):
    """A group whose commands live in rooms named after them: `jotpass.cli.<name>`, attribute `command`.

    The short help stands here as well, so that `--help` imports no command.
    """

    rooms: ClassVar[Mapping[str, str]] = {
        "inspect": "Decode and explain a token, without verifying it.",
        "verify": "Verify a token: signature, type, issuer, audience and times.",
        "sign": "Sign claims, and print the token.",
        "key": "Make keys, and turn one form into another.",
        "demo": "Try everything on this machine: one command, no configuration.",
        "serve": "Serve the ready-made project, configured by environment variables.",
        "manage": "Run a management command of the ready-made project.",
        "completion": "Print the completion script of a shell.",
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
            package = (missing.name or "").partition(".")[0]
            if cmd_name not in self.extras or package == "jotpass":
                raise
            extra = f"pip install 'jotpass[{self.extras[cmd_name]}]'"
            raise click.ClickException(f"{cmd_name} needs the package {package}: {extra}") from None
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Offer the commands without importing them."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=purpose)
            for name, purpose in self.rooms.items()
            if name.startswith(incomplete)
        ]

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's signature
        **extra: Any,
    ) -> Any:
        """Run a command line; say what goes wrong in one line, or in JSON where ``--json`` is asked for."""
        arguments = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(arguments, prog_name, complete_var, standalone_mode=False, **extra)
        register()
        _escape_what_the_terminal_lacks()
        try:
            _refuse_private_key(arguments)
            result = super().main(arguments, prog_name, complete_var, standalone_mode=False, **extra)
            code = result if isinstance(result, int) else 0
        except click.ClickException as error:
            show_error(error, as_json="--json" in arguments)
            code = error.exit_code
        except click.Abort:
            code = INTERRUPTED
        except OSError as error:
            _give_up_output()
            refusal = Refusal("io_error", f"{error.filename or 'Output'}: {error.strerror or 'failed'}.")
            show_error(refusal, as_json=False)
            code = refusal.exit_code
        sys.exit(code)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.rooms.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jotpass", message="jotpass %(version)s")
def program() -> None:
    """Issue, verify, inspect and serve JSON Web Tokens."""


def _refuse_private_key(arguments: Sequence[str]) -> None:
    """Refuse a PEM before it is taken for an option that does not exist, and repeated in the error."""
    if any("PRIVATE KEY-----" in argument for argument in arguments):
        raise Misuse("secret_on_command_line", WHY_NO_SECRETS)


def _give_up_output() -> None:
    """Let what is left in the buffer of standard output go nowhere, so that the interpreter ends quietly."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _escape_what_the_terminal_lacks() -> None:
    """Print what an encoding cannot write as an escape, not as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
