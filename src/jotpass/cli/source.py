"""Where keys, tokens and passwords come from: ``@FILE``, ``-`` for standard input, ``env:NAME``.

Not from the argument list, which every user of the machine can read and which shells write down. A token may
stand there, because people paste tokens; a secret never.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click
from click.shell_completion import CompletionItem

from jotpass.cli.refusal import HOW_TO_NAME_A_SOURCE, MISUSED, WHY_NO_SECRETS, Misuse, Refusal
from jotpass.inspection.wrapping import MAX_INPUT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

_ENVIRONMENT: Final = "env:"
_STDIN_TAKEN: Final = "jotpass.stdin_taken_by"


@dataclass(frozen=True, slots=True)
class Source:
    """A place to read from.

    Attributes:
        kind: ``argument`` stands for the text itself, ``prompt`` for asking.
        name: The path, the variable, or the text itself.
    """

    kind: Literal["file", "stdin", "environment", "argument", "prompt"]
    name: str = ""

    def read(self, what: str, *, exit_code: int = MISUSED) -> bytes:
        """Read all of it.

        Args:
            what: What it is for the error message: ``the token``.
            exit_code: Of the refusal.

        Raises:
            Refusal: It cannot be read, or there is too much of it.
            Misuse: Standard input has been read already.
        """
        if self.kind == "argument":
            return self.name.encode("utf-8", "surrogateescape")
        if self.kind == "environment":
            if self.name not in os.environ:
                raise Refusal(
                    "source_unreadable",
                    f"The environment has no {self.name} for {what}.",
                    exit_code=exit_code,
                )
            return os.environ[self.name].encode("utf-8", "surrogateescape")
        try:
            content = self._read_stdin(what) if self.kind == "stdin" else self._read_file()
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have.
            reason = getattr(error, "strerror", None) or "not readable"
            message = f"Cannot read {what} from {self.name or 'standard input'}: {reason}."
            raise Refusal("source_unreadable", message, exit_code=exit_code) from None
        if len(content) > MAX_INPUT_LENGTH:
            limit = f"There are more than {MAX_INPUT_LENGTH:,} bytes of {what}."
            raise Refusal("source_too_large", limit, exit_code=exit_code)
        return content

    def _read_file(self) -> bytes:
        with Path(self.name).open("rb") as file:
            return file.read(MAX_INPUT_LENGTH + 1)

    def _read_stdin(self, what: str) -> bytes:
        meta = click.get_current_context().meta
        if _STDIN_TAKEN in meta:
            raise Misuse(
                "stdin_twice",
                f"Standard input holds {meta[_STDIN_TAKEN]}, not {what} too. {HOW_TO_NAME_A_SOURCE}",
            )
        meta[_STDIN_TAKEN] = what
        if sys.stdin is None:  # Standard input is closed.
            return b""
        if sys.stdin.isatty():
            click.echo(f"Paste {what}, then press Enter and Ctrl-D.", err=True)
        return sys.stdin.buffer.read(MAX_INPUT_LENGTH + 1)


class SourceType(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases alone
    """The type of an option or argument that names a source.

    Args:
        literal: Whether the text itself may be given, because it is no secret.
        prompt: Whether ``prompt`` asks for it.
    """

    name = "source"

    def __init__(self, *, literal: bool = False, prompt: bool = False) -> None:
        self._literal = literal
        self._prompt = prompt

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Source:
        """Tell the source by how it begins.

        Raises:
            Misuse: The text is a secret itself, or a path without its @.
        """
        if isinstance(value, Source):
            return value
        if value == "-":
            return Source("stdin")
        if value == "prompt" and self._prompt:
            return Source("prompt")
        for prefix, kind in (("@", "file"), (_ENVIRONMENT, "environment")):
            if value.startswith(prefix) and len(value) > len(prefix):
                return Source("file" if kind == "file" else "environment", value.removeprefix(prefix))
        if _is_file(value):
            raise Misuse("source_invalid", f"To read the file, write @{value}.")
        if self._literal:
            return Source("argument", value)
        if value.startswith(("http://", "https://")):
            raise Misuse("source_invalid", "Nothing is fetched: `curl URL | jotpass ... -` hands it over.")
        raise Misuse("secret_on_command_line", WHY_NO_SECRETS)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Offer files behind @, variables behind env:, and the ways there are."""
        if incomplete.startswith("@"):
            return _complete_files(incomplete[1:])
        if incomplete.startswith(_ENVIRONMENT):
            names = (_ENVIRONMENT + name for name in sorted(os.environ))
            return [CompletionItem(name) for name in names if name.startswith(incomplete)]
        ways = [("@", "a file"), ("-", "standard input"), (_ENVIRONMENT, "an environment variable")]
        ways += [("prompt", "ask for it")] if self._prompt else []
        return [CompletionItem(way, help=what) for way, what in ways if way.startswith(incomplete)]


def source_option(*names: str, help: str, prompt: bool = False, **more: Any) -> Callable[..., Any]:  # noqa: A002
    """Declare an option that names a source."""
    return click.option(*names, type=SourceType(prompt=prompt), metavar="SOURCE", help=help, **more)


def source_argument(name: str, *, literal: bool = False, **more: Any) -> Callable[..., Any]:
    """Declare an argument that names a source; standard input unless it is given."""
    return click.argument(name, type=SourceType(literal=literal), default="-", **more)


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):
        return False


def _complete_files(beginning: str) -> list[CompletionItem[str]]:
    folder, _, name = beginning.rpartition("/")
    shown = f"@{folder}/" if _ else "@"
    try:
        entries = sorted(Path(folder or ("/" if _ else ".")).iterdir())
    except OSError:
        return []
    hidden = name.startswith(".")
    return [
        CompletionItem(f"{shown}{entry.name}{'/' if entry.is_dir() else ''}")
        for entry in entries
        if entry.name.startswith(name) and (hidden or not entry.name.startswith("."))
    ]
