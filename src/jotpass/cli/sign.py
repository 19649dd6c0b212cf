"""`jotpass sign`: a token out of claims and a key (RFC 7519 s7.1)."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any

import click

from jotpass import jose
from jotpass.cli.key_input import (
    SIGNING_ALGORITHMS,
    bound_to_algorithm,
    key_option,
    password_option,
    read_one_key,
    read_secret,
    secret_format_option,
    secret_option,
)
from jotpass.cli.output import json_option, print_json, print_note
from jotpass.cli.refusal import KEY_TROUBLE, Misuse, Refusal, exit_code_of
from jotpass.cli.source import SourceType
from jotpass.cli.value_types import Duration, Member
from jotpass.inspection.header_catalog import HEADER_MEMBERS
from jotpass.inspection.wrapping import read_text
from jotpass.jose.strict_json import parse_json_object

if TYPE_CHECKING:
    from jotpass.cli.source import Source


@click.command("sign")
@click.argument("claims", type=SourceType(literal=True), required=False)
@click.option(
    "--claim",
    "-c",
    "members",
    multiple=True,
    type=Member(),
    help="A claim; may be repeated. JSON is taken as such, anything else is a string.",
)
@click.option("--expires-in", type=Duration(), metavar="DURATION", help="Set exp, and iat to now: 5m, 14d.")
@click.option("--typ", default="JWT", show_default=True, help='The typ, like at+jwt; "" for none.')
@click.option(
    "--header",
    "headers",
    multiple=True,
    type=Member(HEADER_MEMBERS),
    help="A header member; may be repeated.",
)
@key_option
@secret_option
@secret_format_option
@password_option
@click.option(
    "--alg",
    type=click.Choice(SIGNING_ALGORITHMS),
    metavar="ALG",
    help="The algorithm. Needed unless the key says it.",
)
@json_option
def command(
    *,
    claims: Source | None,
    members: tuple[tuple[str, Any], ...],
    expires_in: int | None,
    typ: str,
    headers: tuple[tuple[str, Any], ...],
    key: Source | None,
    secret: Source | None,
    secret_format: str,
    password: Source | None,
    alg: str | None,
    as_json: bool,
) -> None:
    """Sign claims, and print the token.

    CLAIMS is a JSON object: @FILE, - for standard input, env:NAME, or the JSON itself; --claim adds to it.
    Keys are @FILE, - or env:NAME, never the key itself: the command line is no place for secrets.

    \b
    Examples:
      jotpass sign --claim sub=42 --claim admin=true --expires-in 5m --key @key.jwk
      jotpass sign @claims.json --typ at+jwt --expires-in 5m --key @key.pem --alg RS256
      jotpass sign '{"sub": "42"}' --expires-in 1h --secret env:SECRET --alg HS256

    Exit codes: 0 signed, 1 refused, 2 used wrongly, 4 trouble with the key.
    """  # noqa: D301 - \b keeps click from joining lines
    claims_set = _claims_set(claims, members, expires_in)
    signing_key = _signing_key(key, secret, secret_format, password, alg)
    try:
        token = jose.sign_jwt(claims_set, signing_key, typ=typ or None, headers=_unique(headers, "--header"))
    except jose.JoseError as error:
        raise Refusal(error.code, f"{error}.", exit_code=exit_code_of(error)) from None
    except UnicodeEncodeError:
        raise Refusal("claims_invalid", "The claims are not Unicode text.") from None
    except ValueError as error:
        raise Refusal("claims_invalid", f"{error}.") from None
    if as_json:
        print_json({"token": token, "alg": signing_key.alg, "kid": signing_key.kid, "claims": claims_set})
        return
    click.echo(token)
    if "exp" not in claims_set:
        print_note("this token never expires; --expires-in 5m gives it five minutes.")


def _claims_set(
    source: Source | None, members: tuple[tuple[str, Any], ...], expires_in: int | None
) -> dict[str, Any]:
    claims_set = {} if source is None else _read_claims(source)
    claims_set.update(_unique(members, "--claim"))
    if expires_in is not None:
        if "exp" in claims_set:
            raise Misuse("exp_twice", "The claims have an exp already: leave out --expires-in.")
        claims_set.setdefault("iat", int(time()))
        claims_set["exp"] = int(time()) + expires_in
    if not claims_set:
        raise Misuse("claims_missing", "There is nothing to sign: give CLAIMS, --claim or --expires-in.")
    return claims_set


def _read_claims(source: Source) -> dict[str, Any]:
    try:
        return parse_json_object(read_text(source.read("the claims")).strip())
    except ValueError:
        hint = "It must be one, in strict JSON, without duplicate members."
        raise Refusal("claims_invalid", "The claims are no JSON object.", hint=hint) from None


def _unique(members: tuple[tuple[str, Any], ...], option: str) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) != len(members):
        raise Misuse("member_twice", f"{option} names the same member twice.")
    return unique


def _signing_key(
    key: Source | None, secret: Source | None, secret_format: str, password: Source | None, alg: str | None
) -> jose.Key:
    if (key is None) == (secret is None):
        raise Misuse("key_missing", "Say what to sign with: one of --key and --secret.")
    if secret is not None:
        return bound_to_algorithm(read_secret(secret, secret_format, alg), alg)
    assert key is not None  # noqa: S101 - just checked
    signing_key = read_one_key(key, password)
    if not signing_key.is_private:
        message = "This is a public key: it verifies, and does not sign."
        raise Refusal("key_mismatch", message, exit_code=KEY_TROUBLE)
    return bound_to_algorithm(signing_key, alg)
