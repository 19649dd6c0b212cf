"""`jotpass key public`: what may be published of a key (RFC 7517 s4, s5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotpass import jose
from jotpass.cli.key_input import password_option, read_key
from jotpass.cli.key_output import json_bytes, key_document, out_option, put_document
from jotpass.cli.output import json_option, print_json
from jotpass.cli.refusal import KEY_TROUBLE, Misuse, Refusal
from jotpass.cli.source import source_argument

if TYPE_CHECKING:
    from pathlib import Path

    from jotpass.cli.key_output import KeyFormat
    from jotpass.cli.source import Source


@click.command("public")
@source_argument("key")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jwk", "pem", "der"]),
    default="jwk",
    show_default=True,
    help="How to write it.",
)
@click.option("--as-set", is_flag=True, help="Print a JWK Set, ready to be served at jwks_uri.")
@password_option
@out_option
@json_option
def public(
    *,
    key: Source,
    form: KeyFormat,
    password: Source | None,
    out: Path | None,
    as_set: bool,
    as_json: bool,
) -> None:
    """Print the public half of a key, or of every key of a set.

    KEY is @FILE, - for standard input (the default) or env:NAME: a JWK, a JWK Set, PEM or DER.

    \b
    Examples:
      jotpass key public @key.jwk
      jotpass key public @key.pem --as-set --out jwks.json
      jotpass key public @key.jwk --format pem
    """  # noqa: D301 - \b keeps click from joining lines
    found = read_key(key, password)
    keys = found if isinstance(found, jose.KeySet) else jose.KeySet([found])
    if any(member.kty == "oct" for member in keys):
        message = "A symmetric key has no public half: whoever knows it can sign."
        raise Refusal("key_mismatch", message, exit_code=KEY_TROUBLE)
    if as_set or isinstance(found, jose.KeySet):
        if form != "jwk":
            raise Misuse("format_impossible", f"A set of keys has no {form} form: its format is jwk.")
        document, value = json_bytes(keys.to_jwk_set()), {"jwks": keys.to_jwk_set()}
    else:
        document, value = key_document(found, form, private=False), {"jwk": found.to_jwk()}
    if out is not None or not as_json:
        put_document(document, out, private=False)
    if as_json:
        print_json(value if out is None else {**value, "file": str(out)})
