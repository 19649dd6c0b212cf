"""What goes wrong on the way to a running server, in one line with exit code 1, not a traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError
from environs import EnvError

from jotpass.server.data_folder import DataFolderUnavailable
from jotpass.server.supervision import AddressUnavailable

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
    except (AddressUnavailable, DataFolderUnavailable, EnvError, ImproperlyConfigured) as error:
        raise click.ClickException(_first_line(error)) from None
    except (DatabaseError, InterfaceError) as error:
        raise click.ClickException(f"the database is not available: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
