"""`jotpass key new`: a fresh key for one algorithm (RFC 7517, RFC 7518 s6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jotpass import jose
from jotpass.cli.key_input import SIGNING_ALGORITHMS, read_password
from jotpass.cli.key_output import key_document, out_option, put_document
from jotpass.cli.output import json_option, print_json, print_note
from jotpass.cli.refusal import key_refusals
from jotpass.cli.source import source_option

if TYPE_CHECKING:
    from pathlib import Path

    from jotpass.cli.key_output import KeyFormat
    from jotpass.cli.source import Source


@click.command("new")
@click.option(
    "--alg",
    required=True,
    type=click.Choice(SIGNING_ALGORITHMS),
    metavar="ALG",
    help="What it is to sign with.",
)
@click.option("--kid", help="Its key ID; its thumbprint unless given.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jwk", "pem"]),
    default="jwk",
    show_default=True,
    help="A PEM says neither alg nor kid.",
)
@source_option("--new-password", prompt=True, help="Encrypt the PEM with this password.")
@out_option
@json_option
def new(
    *,
    alg: str,
    kid: str | None,
    form: KeyFormat,
    new_password: Source | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Make a new private or symmetric key.

    It goes to standard output, or with --out to a new file that you alone can read (mode 0600).

    \b
    Examples:
      jotpass key new --alg ES256 --out key.jwk
      jotpass key new --alg RS256 --format pem --new-password prompt --out key.pem
      jotpass key new --alg HS256 --kid 2026-08 --out secret.jwk
    """  # noqa: D301 - \b keeps click from joining lines
    with key_refusals():
        key = jose.Key.generate(alg, kid=kid)
    password = read_password(new_password, needed=False, confirm=True)
    document = key_document(key, form, private=True, password=password)
    if out is not None or not as_json:
        put_document(document, out, private=True)
    if as_json:
        print_json(_as_dict(key, document, form, out))
    elif out is not None:
        print_note(
            f"wrote {out} (mode 0600), kid {key.kid}. `jotpass key public @{out}` prints the public half."
        )


def _as_dict(key: jose.Key, document: bytes, form: KeyFormat, out: Path | None) -> dict[str, Any]:
    described: dict[str, Any] = {"alg": key.alg, "kid": key.kid, "kty": key.kty}
    if key.kty != "oct":
        described["thumbprint"] = key.thumbprint()
    if out is not None:
        described["file"] = str(out)
    elif form == "jwk":
        described["jwk"] = key.to_jwk(private=True)
    else:
        described["pem"] = document.decode()
    return described
