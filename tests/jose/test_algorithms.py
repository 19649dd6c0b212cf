"""The table of algorithms."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS


def test_it_holds_what_the_rfcs_register() -> None:
    """RFC 7518 s3.1 without ``none``, RFC 8037, RFC 8812 and RFC 9864."""
    assert set(SIGNATURE_ALGORITHMS) == {
        *(family + size for family in ("HS", "RS", "PS", "ES") for size in ("256", "384", "512")),
        *("ES256K", "Ed25519", "Ed448", "EdDSA"),
    }


def test_it_cannot_be_changed() -> None:
    """Nobody adds an algorithm at run time, and no row becomes another."""
    table: Any = SIGNATURE_ALGORITHMS
    with pytest.raises(TypeError):
        table["none"] = table["HS256"]
    row: Any = table["HS256"]
    with pytest.raises(FrozenInstanceError):
        row.minimum_secret_bytes = 0


def test_every_row_is_found_by_its_own_name() -> None:
    """The key of a row is its ``alg``."""
    assert all(row.name == name for name, row in SIGNATURE_ALGORITHMS.items())


def test_secrets_are_as_long_as_the_hash() -> None:
    """RFC 7518 s3.2."""
    lengths = {
        row.name: row.minimum_secret_bytes for row in SIGNATURE_ALGORITHMS.values() if row.kty == "oct"
    }
    assert lengths == {"HS256": 32, "HS384": 48, "HS512": 64}


def test_only_the_polymorphic_algorithm_does_not_sign() -> None:
    """``EdDSA`` is read where it is listed and never written (RFC 9864 s2.2)."""
    assert [row.name for row in SIGNATURE_ALGORITHMS.values() if not row.signs] == ["EdDSA"]
