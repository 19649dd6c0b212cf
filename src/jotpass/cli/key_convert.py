"""`jotpass key convert`: one form of a key into another (RFC 7517, RFC 7468, RFC 5958)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jotpass.cli.key_input import ALGORITHMS, bound_to_algorithm, password_option, read_one_key, read_password
from jotpass.cli.key_output import key_document, out_option, put_document
from jotpass.cli.output import json_option, print_json, print_note
from jotpass.cli.refusal import Misuse, key_refusals
from jotpass.cli.source import source_argument, source_option
from jotpass.jose.base64url import b64url_encode

if TYPE_CHECKING:
    from pathlib import Path

    from jotpass import jose
    from jotpass.cli.key_output import KeyFormat
    from jotpass.cli.source import Source


@click.command("convert")
@source_argument("key")
@click.option(
    "--to", "form", required=True, type=click.Choice(["jwk", "pem", "der"]), help="The form to turn it into."
)
@click.option("--kid", help="The key ID to give it; for a JWK.")
@click.option(
    "--alg", type=click.Choice(ALGORITHMS), metavar="ALG", help="The algorithm to bind it to; for a JWK."
)
@password_option
@source_option("--new-password", prompt=True, help="Encrypt the private key with this password.")
@out_option
@json_option
def convert(
    *,
    key: Source,
    form: KeyFormat,
    kid: str | None,
    alg: str | None,
    password: Source | None,
    new_password: Source | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Turn a key into a JWK, PEM or DER. A private key stays private.

    KEY is @FILE, - for standard input (the default) or env:NAME: a JWK, DER or PEM (PKCS#8, encrypted or not,
    PKCS#1, SEC1, certificate). Private keys are written as PKCS#8, public ones as SubjectPublicKeyInfo.

    \b
    Examples:
      jotpass key convert @key.pem --to jwk --alg RS256 --kid 2026-08 --out key.jwk
      jotpass key convert @key.jwk --to pem --new-password prompt --out key.pem
      jotpass key convert @encrypted.pem --password env:PASSWORD --to der --out key.der
    """  # noqa: D301 - \b keeps click from joining lines
    found = read_one_key(key, password)
    if form != "jwk" and (kid is not None or alg is not None):
        raise Misuse("format_impossible", f"--kid and --alg have no place in {form}.")
    with key_refusals():
        found = found if kid is None else found.replace(kid=kid)
    found = found if alg is None else bound_to_algorithm(found, alg)
    if new_password is not None and not found.is_private:
        raise Misuse("password_unused", "A public key is not encrypted.")
    secret = read_password(new_password, needed=False, confirm=True)
    document = key_document(found, form, private=found.is_private, password=secret)
    if out is not None or not as_json:
        put_document(document, out, private=found.is_private)
    if as_json:
        print_json(_as_dict(found, document, form, out))
    elif found.is_private and form != "jwk" and secret is None:
        print_note("this private key is not encrypted; --new-password prompt encrypts it.")


def _as_dict(key: jose.Key, document: bytes, form: KeyFormat, out: Path | None) -> dict[str, Any]:
    described: dict[str, Any] = {"format": form, "private": key.is_private, "kty": key.kty}
    if out is not None:
        return {**described, "file": str(out)}
    if form == "jwk":
        return {**described, "jwk": key.to_jwk(private=key.is_private)}
    return {**described, form: document.decode() if form == "pem" else b64url_encode(document)}
