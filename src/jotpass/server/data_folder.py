"""The folder of a server that has no other home: its SQLite database and a secret key made for it."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE_NAME = "db.sqlite3"

_SECRET_NAME = "secret_key"
_SECRET_BYTES = 64


class DataFolderUnavailable(Exception):
    """The data folder, or the secret key in it, cannot be read or written; the message says why."""


def prepare_data_folder(folder: Path) -> None:
    """Create the folder for its owner alone (mode 0700), and keep it out of version control.

    A folder that exists keeps its mode: it may be somebody's choice. The database begins as an empty file of
    mode 0600, which SQLite keeps for the files that it puts beside it.

    Raises:
        DataFolderUnavailable: The folder cannot be created, or something else has its name.
    """
    with _failures_named(folder):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        (folder / DATABASE_NAME).touch(mode=0o600)


def stored_secret_key(folder: Path) -> str:
    """Read the secret key of a folder; empty when it has none.

    Raises:
        DataFolderUnavailable: The file cannot be read.
    """
    with _failures_named(folder):
        try:
            return (folder / _SECRET_NAME).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""


def kept_secret_key(folder: Path) -> str:
    """Read the secret key of a folder, or generate one (64 random bytes, mode 0600) and keep it.

    Raises:
        DataFolderUnavailable: The file cannot be read or written.
    """
    if key := stored_secret_key(folder):
        return key
    with _failures_named(folder):
        # Written before it has its name, so that nobody reads half of it.
        descriptor, temporary = tempfile.mkstemp(prefix=_SECRET_NAME, dir=folder)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(key := secrets.token_urlsafe(_SECRET_BYTES))
            os.link(temporary, folder / _SECRET_NAME)
        except FileExistsError:  # Another process was faster.
            return stored_secret_key(folder)
        finally:
            Path(temporary).unlink()
        return key


@contextmanager
def _failures_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataFolderUnavailable(f"cannot use the folder {folder}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataFolderUnavailable(f"cannot use the folder {folder}: its secret key is not text") from None
