"""Writing keys: to standard output, or to a new file, which its owner alone can read where it is secret."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from jotpass.cli.refusal import MISUSED, Misuse, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass import jose

KeyFormat = Literal["jwk", "pem", "der"]

_PRIVATE_MODE = 0o600
_PUBLIC_MODE = 0o644

out_option: Callable[..., Any] = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to a new file; one that exists is never overwritten.",
)


def key_document(key: jose.Key, form: KeyFormat, *, private: bool, password: bytes | None = None) -> bytes:
    """Write a key in a format.

    Raises:
        Misuse: A symmetric key has no PEM or DER form, and a JWK no password.
    """
    if form == "jwk":
        if password is not None:
            raise Misuse("password_unused", "A JWK is not encrypted: a password goes with pem or der.")
        return json_bytes(key.to_jwk(private=private))
    if key.kty == "oct":
        raise Misuse("format_impossible", f"A symmetric key has no {form} form: its format is jwk.")
    write = key.to_pem if form == "pem" else key.to_der
    return write(private=private, password=password)


def json_bytes(document: Any) -> bytes:
    """Write JSON for people and programs alike."""
    return json.dumps(document, indent=2).encode() + b"\n"


def put_document(document: bytes, out: Path | None, *, private: bool) -> None:
    """Write a document to a new file, or to standard output.

    Raises:
        Refusal: The file exists, or cannot be written.
        Misuse: Binary data would go to a terminal.
    """
    if out is not None:
        write_new_file(out, document, private=private)
        return
    if not document.isascii() and sys.stdout.isatty():
        raise Misuse("binary_output", "DER is binary: say --out FILE, or redirect the output.")
    click.echo(document, nl=False)


def write_new_file(path: Path, content: bytes, *, private: bool) -> None:
    """Create a file, with mode 0600 if it is private.

    Raises:
        Refusal: It exists, or cannot be written.
    """
    mode = _PRIVATE_MODE if private else _PUBLIC_MODE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        message = f"{path} exists, and is not overwritten."
        raise Refusal("file_exists", message, hint="Choose another name, or remove it.") from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> Refusal:
    message = f"Cannot write {path}: {error.strerror or 'not writable'}."
    return Refusal("file_unwritable", message, exit_code=MISUSED)
