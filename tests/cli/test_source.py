"""Where secrets come from, and where they must not stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.command_line import run
from tests.inspection.forgery import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from jotpass import jose

SECRET = "kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD"
ANYONE = ("--any-issuer", "--any-audience", "--at", NOW)


@pytest.mark.parametrize("option", ["--key", "--secret", "--jwks"])
def test_a_secret_on_the_command_line_is_refused_with_the_reason(
    folder: Path, key: jose.Key, option: str
) -> None:
    """Ps and the shell's history would have it; the answer does not repeat it."""
    private = json.dumps(key.to_jwk(private=True)) if option != "--secret" else SECRET
    answer = run("verify", "@token.txt", option, private, *ANYONE)
    assert answer.code == 2
    assert "[secret_on_command_line]" in answer.err
    assert "history" in answer.err
    assert private not in answer.err + answer.out


@pytest.mark.parametrize(
    "command", [("key", "public"), ("key", "thumbprint"), ("key", "convert", "--to", "pem")]
)
def test_keys_are_never_arguments(folder: Path, key: jose.Key, command: tuple[str, ...]) -> None:
    """Neither for the commands about keys."""
    answer = run(*command, key.to_pem(private=True).decode())
    assert answer.code == 2
    assert "[secret_on_command_line]" in answer.err


def test_a_password_on_the_command_line_is_refused(folder: Path) -> None:
    """It is a secret like any other."""
    answer = run("key", "convert", "@key.jwk", "--to", "pem", "--new-password", "hunter2")
    assert answer.code == 2
    assert "hunter2" not in answer.err + answer.out


def test_a_path_without_its_at_sign_is_put_right(folder: Path) -> None:
    """The most likely mistake has its own sentence."""
    for answer in (
        run("inspect", "token.txt"),
        run("verify", "@token.txt", "--key", "key.jwk", *ANYONE),
    ):
        assert answer.code == 2
        assert "write @" in answer.err


def test_nothing_is_fetched(folder: Path) -> None:
    """A URL is not a source."""
    answer = run("verify", "@token.txt", "--jwks", "https://id.example/jwks.json", *ANYONE)
    assert answer.code == 2
    assert "curl" in answer.err


def test_standard_input_is_read_once(folder: Path) -> None:
    """A token and a key cannot both come through it."""
    answer = run("verify", "-", "--key", "-", *ANYONE, stdin="x")
    assert answer.code == 2
    assert "[stdin_twice]" in answer.err


@pytest.mark.parametrize("source", ["@missing.jwk", "@.", "env:NO_SUCH_VARIABLE", "@key\x00.jwk"])
def test_an_unreadable_source_is_named(folder: Path, source: str) -> None:
    """A missing key is trouble with the key, a missing token a mistake of usage."""
    key_answer = run("verify", "@token.txt", "--key", source, *ANYONE)
    token_answer = run("inspect", source)
    assert (key_answer.code, token_answer.code) == (4, 2)
    assert "[source_unreadable]" in key_answer.err
    assert "[source_unreadable]" in token_answer.err


def test_too_much_input_is_not_read(folder: Path) -> None:
    """An endless file ends at the limit."""
    (folder / "huge").write_bytes(b"a" * (8 * 1024 * 1024 + 1))
    assert run("inspect", "@huge", "--json").error["code"] == "source_too_large"
