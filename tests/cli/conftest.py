"""Keys and tokens in files, as the commands take them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jotpass import jose
from tests.inspection.forgery import GOOD_CLAIMS, NOW

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NOW"]


@pytest.fixture(scope="session")
def key() -> jose.Key:
    """A private key."""
    return jose.Key.generate("ES256", kid="2026-08")


@pytest.fixture(scope="session")
def token(key: jose.Key) -> str:
    """An access token that lives from NOW - 60 to NOW + 240."""
    return jose.sign_jwt(GOOD_CLAIMS, key, typ="at+jwt")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: jose.Key, token: str) -> Path:
    """The current folder, with key.jwk, jwks.json and token.txt in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key.jwk").write_text(json.dumps(key.to_jwk(private=True)))
    (tmp_path / "jwks.json").write_text(jose.KeySet([key]).to_json())
    (tmp_path / "token.txt").write_text(token + "\n")
    return tmp_path
