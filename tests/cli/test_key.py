"""`jotpass key`: new, public, thumbprint, convert."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from jotpass import jose
from jotpass.cli.key_input import SIGNING_ALGORITHMS
from tests.cli.command_line import run

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct horse battery staple"


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_a_new_key_signs_with_its_algorithm(alg: str) -> None:
    """A private JWK that names its algorithm, with its thumbprint as kid."""
    answer = run("key", "new", "--alg", alg)
    assert answer.code == 0
    key = jose.Key.from_jwk(answer.out)
    assert (key.alg, key.kid) == (alg, key.thumbprint())
    jose.sign_jwt({"sub": "1"}, key)


def test_a_new_key_goes_to_a_file_that_its_owner_alone_can_read(folder: Path) -> None:
    """Mode 0600 whatever the umask; nothing of it on standard output."""
    before = os.umask(0)
    try:
        answer = run("key", "new", "--alg", "ES256", "--kid", "mine", "--out", "new.jwk")
    finally:
        os.umask(before)
    assert answer.code == 0
    assert answer.out == ""
    assert "new.jwk" in answer.err
    assert stat.S_IMODE((folder / "new.jwk").stat().st_mode) == 0o600
    assert jose.Key.from_jwk((folder / "new.jwk").read_text()).kid == "mine"


def test_a_file_is_never_overwritten(folder: Path) -> None:
    """Neither a file nor what a link points to."""
    before = (folder / "key.jwk").read_bytes()
    (folder / "link").symlink_to(folder / "nowhere")
    for out in ("key.jwk", "link"):
        answer = run("key", "new", "--alg", "ES256", "--out", out, "--json")
        assert (answer.code, answer.error["code"]) == (1, "file_exists")
    assert (folder / "key.jwk").read_bytes() == before
    assert not (folder / "nowhere").exists()


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    """One line, no traceback."""
    answer = run("key", "new", "--alg", "ES256", "--out", "no/such/key.jwk")
    assert answer.code == 2
    assert "[file_unwritable]" in answer.err


def test_a_new_key_in_pem_may_be_encrypted(folder: Path) -> None:
    """With a password from a prompt, typed twice."""
    answer = run(
        "key", "new", "--alg", "ES256", "--format", "pem", "--new-password", "prompt", "--out", "key.pem",
        stdin=f"{PASSWORD}\n{PASSWORD}\n",
    )  # fmt: skip
    assert answer.code == 0
    assert PASSWORD not in answer.out + answer.err
    pem = (folder / "key.pem").read_bytes()
    assert b"ENCRYPTED" in pem
    assert jose.Key.from_pem(pem, PASSWORD.encode()).is_private


def test_json_of_a_new_key(folder: Path) -> None:
    """The key itself, or the file that holds it, never both."""
    printed = run("key", "new", "--alg", "ES256", "--json").json
    assert jose.Key.from_jwk(printed["jwk"]).thumbprint() == printed["thumbprint"] == printed["kid"]
    written = run("key", "new", "--alg", "ES256", "--out", "new.jwk", "--json")
    assert written.json["file"] == "new.jwk"
    assert "jwk" not in written.json
    assert json.loads((folder / "new.jwk").read_text())["d"] not in written.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--alg", "HS256", "--format", "pem"), "format_impossible"),
        (("--alg", "ES256", "--new-password", "env:PASSWORD"), "password_unused"),
        (("--alg", "none"), "usage"),
        (("--alg", "EdDSA"), "usage"),
        ((), "usage"),
    ],
)
def test_impossible_keys_are_not_made(arguments: tuple[str, ...], code: str) -> None:
    """Contradictions are mistakes of usage."""
    answer = run("key", "new", *arguments, "--json", PASSWORD=PASSWORD)
    assert (answer.code, answer.error["code"]) == (2, code)


def test_the_public_half_has_nothing_private(folder: Path, key: jose.Key) -> None:
    """As a JWK, in PEM, as a set to publish."""
    assert run("key", "public", "@key.jwk").json == key.to_jwk()
    assert run("key", "public", stdin=json.dumps(key.to_jwk(private=True))).json == key.to_jwk()
    pem = run("key", "public", "@key.jwk", "--format", "pem").out
    assert jose.Key.from_pem(pem).thumbprint() == key.thumbprint()
    assert run("key", "public", "@key.jwk", "--as-set").json == {"keys": [key.to_jwk()]}
    assert run("key", "public", "@key.jwk", "--json").json == {"jwk": key.to_jwk()}


def test_a_symmetric_key_has_no_public_half(folder: Path) -> None:
    """Not alone, and not in a set."""
    secret = run("key", "new", "--alg", "HS256").out
    for document in (secret, json.dumps({"keys": [json.loads(secret)]})):
        answer = run("key", "public", stdin=document)
        assert answer.code == 4
        assert json.loads(secret)["k"] not in answer.out + answer.err


def test_the_thumbprint_is_that_of_rfc_7638(folder: Path) -> None:
    """The example of RFC 7638 s3.1, and its URI of RFC 9278."""
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
    }
    (folder / "rsa.jwk").write_text(json.dumps(jwk))
    thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert run("key", "thumbprint", "@rsa.jwk").out == f"{thumbprint}\n"
    uri = run("key", "thumbprint", "@rsa.jwk", "--uri").out
    assert uri == f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{thumbprint}\n"
    assert run("key", "thumbprint", "@rsa.jwk", "--json", "--hash", "sha512").json["hash"] == "sha512"


@pytest.mark.parametrize("form", ["jwk", "pem", "der"])
@pytest.mark.parametrize("private", [True, False])
def test_a_key_survives_every_conversion(folder: Path, key: jose.Key, form: str, private: bool) -> None:
    """There and back it is the same key, private or public as it was."""
    source = key if private else key.public_key()
    (folder / "source.jwk").write_text(json.dumps(source.to_jwk(private=private)))
    assert run("key", "convert", "@source.jwk", "--to", form, "--out", "converted").code == 0
    mode = stat.S_IMODE((folder / "converted").stat().st_mode)
    assert mode & 0o077 == 0 or not private
    back = run("key", "convert", "@converted", "--to", "jwk", "--alg", "ES256", "--kid", "2026-08")
    assert back.json == source.to_jwk(private=private)


def test_an_encrypted_pem_is_read_with_its_password(folder: Path, key: jose.Key) -> None:
    """From a file, the environment or a prompt; without one, exit code 4."""
    (folder / "key.pem").write_bytes(key.to_pem(private=True, password=PASSWORD.encode()))
    (folder / "password").write_text(PASSWORD + "\n")
    convert = ("key", "convert", "@key.pem", "--to", "jwk", "--json", "--password")
    for arguments, stdin in (
        ("@password", ""),
        ("env:PASSWORD", ""),
        ("-", PASSWORD),
        ("prompt", PASSWORD + "\n"),
    ):
        answer = run(*convert, arguments, stdin=stdin, PASSWORD=PASSWORD)
        assert answer.code == 0, answer.err
        assert '"private": true' in answer.out
    missing = run(*convert[:-1])
    assert (missing.code, missing.error["code"]) == (4, "password_needed")
    wrong = run(*convert, "env:PASSWORD", PASSWORD="wrong")
    assert (wrong.code, wrong.error["code"]) == (4, "key_invalid")


def test_a_key_is_encrypted_by_conversion(folder: Path) -> None:
    """And that it is not is said."""
    arguments = ("key", "convert", "@key.jwk", "--to", "pem")
    assert "ENCRYPTED" in run(*arguments, "--new-password", "env:PASSWORD", PASSWORD=PASSWORD).out
    assert "not encrypted" in run(*arguments).err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("@key.jwk", "--to", "pem", "--kid", "x"), "format_impossible"),
        (("@key.jwk", "--to", "jwk", "--new-password", "env:PASSWORD"), "password_unused"),
        (("@jwks.json", "--to", "pem", "--new-password", "env:PASSWORD"), "password_unused"),
        (("@key.jwk",), "usage"),
    ],
)
def test_contradictions_are_mistakes_of_usage(folder: Path, arguments: tuple[str, ...], code: str) -> None:
    """Each with its code."""
    answer = run("key", "convert", *arguments, "--json", PASSWORD=PASSWORD)
    assert (answer.code, answer.error["code"]) == (2, code)
