"""`jotpass key thumbprint`: the name that a key has by itself (RFC 7638, RFC 9278)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotpass.cli.key_input import password_option, read_one_key
from jotpass.cli.output import json_option, print_json, print_note
from jotpass.cli.source import source_argument

if TYPE_CHECKING:
    from jotpass.cli.source import Source


@click.command("thumbprint")
@source_argument("key")
@click.option(
    "--hash",
    "hash_name",
    type=click.Choice(["sha256", "sha384", "sha512"]),
    default="sha256",
    show_default=True,
    help="The hash to make it with.",
)
@click.option("--uri", is_flag=True, help="Print it as a URI (RFC 9278).")
@password_option
@json_option
def thumbprint(
    *,
    key: Source,
    hash_name: str,
    password: Source | None,
    uri: bool,
    as_json: bool,
) -> None:
    """Print the thumbprint of a key.

    The private and the public half have the same. KEY is @FILE, - for standard input (the default) or
    env:NAME: a JWK, PEM or DER.

    \b
    Examples:
      jotpass key thumbprint @key.jwk
      jotpass key thumbprint @key.pem --hash sha512 --uri
    """  # noqa: D301 - \b keeps click from joining lines
    found = read_one_key(key, password)
    if as_json:
        print_json(
            {
                "thumbprint": found.thumbprint(hash_name),
                "uri": found.thumbprint_uri(hash_name),
                "hash": hash_name,
                "kid": found.kid,
            }
        )
        return
    click.echo(found.thumbprint_uri(hash_name) if uri else found.thumbprint(hash_name))
    if found.kty == "oct":
        print_note("this is a hash of the secret itself: do not publish it for a secret that can be guessed.")
