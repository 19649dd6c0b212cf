"""What goes wrong on the way to a running server, in one line with exit code 1, not a traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from jotpass.server.failures import UNAVAILABLE_DATABASE, UNUSABLE_CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn the failures that an operator can mend into a `click.ClickException`.

    Raises:
        click.ClickException: A variable, a folder, an address or the database is not usable.
    """
    try:
        yield
    except UNUSABLE_CONFIGURATION as error:
        raise click.ClickException(_first_line(error)) from None
    except UNAVAILABLE_DATABASE as error:
        raise click.ClickException(f"the database is not available: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
