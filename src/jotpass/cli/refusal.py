"""How a command says no: one line, a stable code, and an exit code that scripts can tell apart.

0 is done, 1 refused, 2 used wrongly, 3 expired, 4 trouble with a key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from jotpass import jose
from jotpass.cli.output import print_json
from jotpass.inspection import visible_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REFUSED: Final = 1
MISUSED: Final = 2
EXPIRED: Final = 3
KEY_TROUBLE: Final = 4
INTERRUPTED: Final = 130
"""128 + SIGINT, as shells count."""

HOW_TO_NAME_A_SOURCE: Final = "Say @FILE, - for standard input, or env:NAME."
WHY_NO_SECRETS: Final = (
    "Secrets do not belong on the command line: other users see it in ps, and the shell writes it to its"
    f" history. {HOW_TO_NAME_A_SOURCE}"
)


class Refusal(click.ClickException):
    """A command does not do what it was asked to.

    Args:
        code: A stable name in snake_case.
        message: One sentence.
        exit_code: One of the numbers above.
        hint: What to do about it.
        details: More members for ``--json``.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        exit_code: int = REFUSED,
        hint: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it on the class, and reads it here
        self.hint = hint
        self.details = dict(details or {})

    def format_message(self) -> str:
        """Say it in one line, in which nothing of a token can act on the terminal."""
        return " ".join(filter(None, (visible_text(self.message), visible_text(self.hint), f"[{self.code}]")))


class Misuse(click.UsageError):
    """A command line that is understood, and asks for something unwise or contradictory.

    Args:
        code: A stable name in snake_case.
        message: One sentence, and what to do instead.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def format_message(self) -> str:
        """Say it with its code."""
        return f"{visible_text(self.message)} [{self.code}]"


def exit_code_of(error: jose.JoseError) -> int:
    """Return the exit code for a refusal of the JOSE core."""
    if isinstance(error, jose.KeyRefused):
        return KEY_TROUBLE
    return EXPIRED if isinstance(error, jose.TokenExpired) else REFUSED


@contextmanager
def key_refusals() -> Iterator[None]:
    """Turn a refused key into a ``Refusal`` with exit code 4."""
    try:
        yield
    except jose.KeyRefused as error:
        raise Refusal(error.code, f"{error}.", exit_code=KEY_TROUBLE) from None


def show_error(error: click.ClickException, *, as_json: bool) -> None:
    """Print an error: a line on standard error, or with ``--json`` an object on standard output."""
    if as_json:
        print_json(_as_dict(error))
    else:
        error.show()


def _as_dict(error: click.ClickException) -> dict[str, Any]:
    default = "usage" if isinstance(error, click.UsageError) else "failed"
    described = {
        "code": getattr(error, "code", default),
        "message": error.message if isinstance(error, Refusal | Misuse) else error.format_message(),
        "hint": getattr(error, "hint", ""),
        "exit_code": error.exit_code,
    }
    return {"error": described, **getattr(error, "details", {})}
