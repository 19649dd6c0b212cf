"""`jotpass sign`: typed claims in, a token out that `verify` accepts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from jotpass import jose
from tests.cli.command_line import run

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD"


def signed(key: jose.Key, *arguments: object, **more: Any) -> jose.Unverified:
    """Sign with key.jwk, check the signature, and read what was signed."""
    answer = run("sign", *arguments, "--key", "@key.jwk", **more)
    assert answer.code == 0, answer.err
    token = answer.out.strip()
    jose.jws.verify_compact(token, key)
    return jose.peek_unverified(token)


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("sub=42", "sub", "42"),
        ("iss=true", "iss", "true"),
        ('sub="42"', "sub", "42"),
        ("aud=api", "aud", "api"),
        ('aud=["a", "b"]', "aud", ["a", "b"]),
        ("exp=2000000000", "exp", 2_000_000_000),
        ("admin=true", "admin", True),
        ("count=5", "count", 5),
        ("ratio=0.5", "ratio", 0.5),
        ("zip=01234", "zip", "01234"),
        ('zip="1234"', "zip", "1234"),
        ("nothing=null", "nothing", None),
        ('nested={"a": [1]}', "nested", {"a": [1]}),
        ("equation=a=b", "equation", "a=b"),
        ("empty=", "empty", ""),
        ('trick=1, "admin": true', "trick", '1, "admin": true'),
        ("name=42", "name", "42"),
    ],
)
def test_claims_are_typed(folder: Path, key: jose.Key, written: str, name: str, value: object) -> None:
    """JSON is taken as such, anything else is a string; a registered claim is what its RFC says."""
    assert signed(key, "--claim", written).claims == {name: value}


def test_claims_come_from_a_file_standard_input_and_the_line(folder: Path, key: jose.Key) -> None:
    """--claim adds to them, and wins."""
    (folder / "claims.json").write_text('{"sub": "1", "role": "a"}')
    assert signed(key, "@claims.json", "-c", "role=b").claims == {"sub": "1", "role": "b"}
    assert signed(key, "-", stdin='{"sub": "2"}').claims == {"sub": "2"}
    assert signed(key, '{"sub": "3"}').claims == {"sub": "3"}


def test_expires_in_sets_exp_and_iat(folder: Path, key: jose.Key) -> None:
    """A duration in words, counted from now."""
    before = int(time.time())
    claims = signed(key, "--expires-in", "1h30m").claims
    assert before <= claims["iat"] <= time.time()
    assert 5_400 <= claims["exp"] - claims["iat"] <= 5_401


def test_type_and_header_members(folder: Path, key: jose.Key) -> None:
    """--typ and --header write the JOSE Header; kid is the key's."""
    header = signed(key, "-c", "sub=1", "--typ", "at+jwt", "--header", "cty=JWT").header
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": "2026-08", "cty": "JWT"}
    assert "typ" not in signed(key, "-c", "sub=1", "--typ", "").header


def test_what_is_signed_is_verified(folder: Path) -> None:
    """The two commands agree."""
    claims = ("-c", "sub=42", "-c", "iss=https://id.example", "-c", "aud=api", "--expires-in", "5m")
    token = run("sign", *claims, "--key", "@key.jwk").out
    answer = run(
        "verify", "--jwks", "@jwks.json", "--issuer", "https://id.example", "--audience", "api", stdin=token
    )
    assert answer.code == 0


def test_a_shared_secret_signs(folder: Path) -> None:
    """From the environment, with its algorithm named."""
    token = run("sign", "-c", "sub=1", "--secret", "env:SECRET", "--alg", "HS256", SECRET=SECRET).out.strip()
    jose.jws.verify_compact(token, jose.Key.from_secret(SECRET.encode(), alg="HS256"))


def test_json_has_the_token_and_its_claims(folder: Path) -> None:
    """For programs: one object."""
    answer = run("sign", "-c", "sub=1", "--key", "@key.jwk", "--json")
    assert answer.json["claims"] == {"sub": "1"}
    assert (answer.json["alg"], answer.json["kid"]) == ("ES256", "2026-08")
    assert answer.json["token"].count(".") == 2
    assert answer.err == ""


def test_a_token_without_end_is_remarked_upon(folder: Path) -> None:
    """On standard error, so that standard output is the token alone."""
    answer = run("sign", "-c", "sub=1", "--key", "@key.jwk")
    assert "never expires" in answer.err
    assert answer.out.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        ((), 2, "claims_missing"),
        (("-c", "sub=1", "-c", "sub=2"), 2, "member_twice"),
        (("-c", "exp=5", "--expires-in", "5m"), 2, "exp_twice"),
        (("-c", "exp=soon"), 1, "claim_invalid"),
        (("[]",), 1, "claims_invalid"),
        (('{"a": 1, "a": 2}',), 1, "claims_invalid"),
        (("-c", "sub=1", "--header", "alg=none"), 1, "claims_invalid"),
        (("-c", "sub=1", "--alg", "RS256"), 4, "key_mismatch"),
        (("-c", "a=\udcff"), 1, "claims_invalid"),
        (("-c", "nonsense"), 2, "usage"),
        (("--expires-in", "soon"), 2, "usage"),
        (("--expires-in", "-5"), 2, "usage"),
        (("-c", "sub=1", "--alg", "none"), 2, "usage"),
        (("-c", "a=" + "x" * 70_000), 1, "token_too_large"),
    ],
)
def test_what_cannot_be_signed_is_refused(
    folder: Path, arguments: tuple[str, ...], exit_code: int, code: str
) -> None:
    """With a code, and nothing on standard output but the error."""
    answer = run("sign", *arguments, "--key", "@key.jwk", "--json")
    assert (answer.code, answer.error["code"]) == (exit_code, code)


def test_a_public_key_does_not_sign(folder: Path, key: jose.Key) -> None:
    """Trouble with the key, said plainly."""
    (folder / "public.jwk").write_text(json.dumps(key.to_jwk()))
    answer = run("sign", "-c", "sub=1", "--key", "@public.jwk", "--json")
    assert (answer.code, answer.error["code"]) == (4, "key_mismatch")
    assert "public key" in answer.error["message"]


def test_a_key_or_a_secret_is_wanted(folder: Path) -> None:
    """Neither is a mistake, both are one too."""
    assert run("sign", "-c", "sub=1", "--json").error["code"] == "key_missing"
    both = ("--key", "@key.jwk", "--secret", "env:SECRET")
    assert run("sign", "-c", "sub=1", *both, "--json").error["code"] == "key_missing"
