"""`jotpass key`: make keys, show their public halves and thumbprints, turn one form into another."""

from __future__ import annotations

import click

from jotpass.cli.key_convert import convert
from jotpass.cli.key_new import new
from jotpass.cli.key_public import public
from jotpass.cli.key_thumbprint import thumbprint


@click.group("key")
def command() -> None:
    """Make keys, and turn one form into another.

    \b
    Examples:
      jotpass key new --alg ES256 --out key.jwk
      jotpass key public @key.jwk --as-set > jwks.json
      jotpass key thumbprint @key.jwk
      jotpass key convert @key.jwk --to pem --new-password prompt --out key.pem
    """  # noqa: D301 - \b keeps click from joining lines


for subcommand in (new, public, thumbprint, convert):
    command.add_command(subcommand)
