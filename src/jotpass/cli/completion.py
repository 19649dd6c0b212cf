"""`jotpass completion`: the script with which a shell completes this command line."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from jotpass.cli.bash_completion import register

PROGRAM_NAME = "jotpass"
COMPLETE_VARIABLE = "_JOTPASS_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Put one of these lines into the file that your shell reads when it starts:
      bash  ~/.bashrc                   eval "$(jotpass completion bash)"
      zsh   ~/.zshrc                    eval "$(jotpass completion zsh)"
      fish  ~/.config/fish/config.fish  jotpass completion fish | source
    """  # noqa: D301 - \b keeps click from joining lines
    register()
    script_class = get_completion_class(shell)
    assert script_class is not None  # noqa: S101 - the choices are those that click knows
    script = script_class(ctx.find_root().command, {}, PROGRAM_NAME, COMPLETE_VARIABLE)
    click.echo(script.source(), nl=False)
