"""`jotpass verify`: whether a token is genuine and meant for you (RFC 7519 s7.2)."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any

import click

from jotpass import jose
from jotpass.cli.key_input import (
    ALGORITHMS,
    bound_to_algorithm,
    key_option,
    password_option,
    read_jwk_set,
    read_key,
    read_secret,
    secret_format_option,
    secret_option,
    signs,
)
from jotpass.cli.output import json_option, print_json, print_note, print_rich
from jotpass.cli.refusal import Misuse, Refusal, exit_code_of
from jotpass.cli.source import source_argument, source_option
from jotpass.cli.value_types import Duration, Moment
from jotpass.cli.verdict import explain_refusal, show_verified
from jotpass.inspection import unwrap

if TYPE_CHECKING:
    from jotpass.cli.source import Source


@click.command("verify")
@source_argument("token", literal=True)
@key_option
@source_option("--jwks", help="A public JWK Set, as an issuer publishes it.")
@secret_option
@secret_format_option
@password_option
@click.option("--issuer", multiple=True, metavar="ISS", help="The issuer to accept; may be repeated.")
@click.option("--any-issuer", is_flag=True, help="Accept every issuer, and none.")
@click.option("--audience", multiple=True, metavar="AUD", help="Your own name in aud; may be repeated.")
@click.option("--any-audience", is_flag=True, help="Accept every audience, and none.")
@click.option(
    "--alg",
    multiple=True,
    type=click.Choice(ALGORITHMS),
    metavar="ALG",
    help="The algorithm to accept; may be repeated. Needed unless the key says it.",
)
@click.option("--typ", help="The typ to ask for, like at+jwt. Without it only JWT, or none, is accepted.")
@click.option(
    "--require", multiple=True, metavar="CLAIM", help="A claim that must be there; may be repeated."
)
@click.option("--allow-missing-exp", is_flag=True, help="Accept a token that never expires.")
@click.option("--leeway", type=Duration(), default=0, help="By how much clocks may differ, like 30s.")
@click.option("--at", type=Moment(), metavar="TIME", help="Judge it at this moment, not now.")
@json_option
def command(
    *,
    token: Source,
    key: Source | None,
    jwks: Source | None,
    secret: Source | None,
    secret_format: str,
    password: Source | None,
    issuer: tuple[str, ...],
    audience: tuple[str, ...],
    alg: tuple[str, ...],
    typ: str | None,
    require: tuple[str, ...],
    leeway: int,
    at: float | None,
    any_issuer: bool,
    any_audience: bool,
    allow_missing_exp: bool,
    as_json: bool,
) -> None:
    """Verify a token: signature, type, issuer, audience and times.

    TOKEN is @FILE, - for standard input (the default), env:NAME, or the token itself. Keys are @FILE, - or
    env:NAME, never the key itself: the command line is no place for secrets.

    \b
    Examples:
      jotpass verify @token.txt --jwks @jwks.json \\
          --issuer https://id.example --audience api --typ at+jwt
      curl -s https://id.example/jwks.json | jotpass verify @token.txt --jwks - \\
          --issuer https://id.example --audience api
      jotpass verify env:TOKEN --secret env:SECRET --alg HS256 --any-issuer --any-audience

    Exit codes: 0 verified, 1 refused, 2 used wrongly, 3 expired, 4 trouble with the key.
    """  # noqa: D301 - \b keeps click from joining lines
    _check_choices(issuer, audience, any_issuer=any_issuer, any_audience=any_audience)
    _check_key_source(key, jwks, secret)
    text = unwrap(token.read("the token")).token
    keys = _read_keys(key, jwks, secret, alg, secret_format=secret_format, password=password)
    verifier = _verifier(
        keys,
        algorithms=alg or None,
        issuer=issuer or None,
        audience=audience or None,
        any_audience=any_audience,
        typ=typ,
        leeway=leeway,
        required=(*(() if allow_missing_exp else ("exp",)), *require),
    )
    now = time() if at is None else at
    try:
        claims = verifier.verify(text, now=now)
    except jose.JoseError as error:
        raise Refusal(
            error.code,
            explain_refusal(error, text, keys, now, {"iss": issuer, "aud": audience, "alg": alg}),
            exit_code=exit_code_of(error),
            details={"verified": False},
        ) from None
    unchecked = [name for name, left_out in (("iss", any_issuer), ("aud", any_audience)) if left_out]
    if as_json:
        print_json(_as_dict(claims, unchecked))
        return
    print_rich(*show_verified(claims, text, now, unchecked))
    if token.kind == "argument":
        print_note("a token on the command line stays in the shell's history; @FILE, - and env:NAME do not.")


def _check_choices(
    issuer: tuple[str, ...], audience: tuple[str, ...], *, any_issuer: bool, any_audience: bool
) -> None:
    """Demand that issuer and audience are named, or that somebody says they do not matter."""
    for name, values, anyone in (("issuer", issuer, any_issuer), ("audience", audience, any_audience)):
        if values and anyone:
            raise Misuse(f"{name}_contradiction", f"--{name} and --any-{name} contradict each other.")
        if not values and not anyone:
            raise Misuse(
                f"{name}_missing",
                f"Say which {name} to accept with --{name}, or --any-{name} to do without: tokens of"
                " others, and for others, have good signatures too.",
            )
        if "" in values:
            raise Misuse(f"{name}_missing", f"--{name} is empty.")


def _check_key_source(*sources: Source | None) -> None:
    if sum(source is not None for source in sources) != 1:
        raise Misuse("key_missing", "Say which key to verify with: one of --key, --jwks and --secret.")


def _read_keys(
    key: Source | None,
    jwks: Source | None,
    secret: Source | None,
    alg: tuple[str, ...],
    *,
    secret_format: str,
    password: Source | None,
) -> jose.Key | jose.KeySet:
    """Read the keys; without --alg each gets the only algorithm that it fits."""
    if secret is not None:
        keys: jose.Key | jose.KeySet = read_secret(secret, secret_format, alg[0] if len(alg) == 1 else None)
    elif jwks is not None:
        keys = read_jwk_set(jwks)
    else:
        assert key is not None  # noqa: S101 - _check_key_source
        keys = read_key(key, password)
    if alg:
        return keys
    if isinstance(keys, jose.Key):
        return bound_to_algorithm(keys, None)
    return jose.KeySet([bound_to_algorithm(member, None) for member in keys if signs(member)], keys.skipped)


def _verifier(keys: jose.Key | jose.KeySet, **options: Any) -> jose.Verifier:
    try:
        return jose.Verifier(keys, **options)
    except ValueError as error:
        raise Misuse("usage", f"{error}.") from None


def _as_dict(claims: jose.ClaimsSet, unchecked: list[str]) -> dict[str, Any]:
    key = claims.key
    return {
        "verified": True,
        "not_checked": unchecked,
        "key": {
            "kty": key.kty,
            "alg": key.alg,
            "kid": key.kid,
            "thumbprint": None if key.kty == "oct" else key.thumbprint(),
        },
        "header": dict(claims.header),
        "claims": dict(claims),
    }
