"""The members that every key type has, and how a single one is read (RFC 7517 s4.2-4.5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.errors import KeyInvalid
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.parameters import read_integer, read_octets, write_integer
from tests.jose.jwk.sample_keys import members


@pytest.mark.parametrize("name", ["alg", "kid", "use"])
@pytest.mark.parametrize("value", [None, 1, True, ["sig"], {}, "\udfff"])
def test_parameters_are_text(name: str, value: Any) -> None:
    """alg, kid and use are strings where they are present, never null."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("ES256"), name: value})


@pytest.mark.parametrize(
    "value", [None, "verify", {"verify": 1}, [1], ["verify", None], ["verify", "verify"]]
)
def test_key_ops_is_an_array_of_different_strings(value: Any) -> None:
    """key_ops is an array of strings without duplicates (RFC 7517 s4.3)."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("ES256"), "key_ops": value})


@pytest.mark.parametrize(
    ("use", "key_ops"),
    [
        ("sig", ["encrypt"]),
        ("sig", ["verify", "deriveKey"]),
        ("enc", ["verify"]),
        ("enc", ["sign", "wrapKey"]),
    ],
)
def test_use_and_key_ops_must_agree(use: str, key_ops: list[str]) -> None:
    """Where both are present they must say the same (RFC 7517 s4.3)."""
    jwk = {name: value for name, value in members("ES256").items() if name != "alg"}

    with pytest.raises(KeyInvalid):
        Key.from_jwk({**jwk, "use": use, "key_ops": key_ops})


@pytest.mark.parametrize(
    ("use", "key_ops"),
    [
        ("sig", ["verify"]),
        ("sig", ["sign", "verify"]),
        ("enc", ["deriveKey"]),
        ("sig", []),
        ("tls", ["verify"]),
    ],
)
def test_use_and_key_ops_that_agree_are_kept(use: str, key_ops: list[str]) -> None:
    """Consistent and unregistered values are kept as they are."""
    jwk = {name: value for name, value in members("ES256").items() if name != "alg"}
    key = Key.from_jwk({**jwk, "use": use, "key_ops": key_ops})

    assert (key.use, key.key_ops) == (use, tuple(key_ops))
    assert (key.to_jwk()["use"], key.to_jwk()["key_ops"]) == (use, key_ops)


def test_unregistered_operations_do_not_contradict() -> None:
    """Operations that RFC 7517 does not register may stand beside any use."""
    key = Key.from_jwk({**members("ES256"), "use": "sig", "key_ops": ["verify", "ours"]})

    assert key.key_ops == ("verify", "ours")


def test_signature_algorithm_is_not_for_encryption() -> None:
    """use=enc beside a signature algorithm is a contradiction."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("ES256"), "use": "enc"})


def test_kid_has_a_limit() -> None:
    """A kid is an opaque string of at most 1024 characters."""
    assert Key.from_jwk({**members("ES256"), "kid": "é" * 1024}).kid == "é" * 1024
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("ES256"), "kid": "k" * 1025})


def test_kid_is_kept_as_it_is() -> None:
    """A kid that looks like a path or a query is just a name."""
    for kid in ("../../etc/passwd", "' OR 1=1 --", "", "\x00", "http://127.0.0.1/"):
        assert Key.from_jwk({**members("ES256"), "kid": kid}).kid == kid


@given(st.integers(min_value=0, max_value=2**4096))
def test_integers_round_trip(value: int) -> None:
    """A Base64urlUInt reads back as the integer that was written (RFC 7518 s2)."""
    assert read_integer({"n": write_integer(value)}, "n") == value


def test_zero_is_one_byte() -> None:
    """Zero is written AA (RFC 7518 s2)."""
    assert write_integer(0) == "AA"


@pytest.mark.parametrize(
    "value", ["", "AAE", "AAAB", "AQ=", "A", "AR", "A+", "AQ ", " AQ", "é", 1, None, ["AQ"]]
)
def test_integers_have_one_form(value: Any) -> None:
    """No leading zero bytes, no padding, no other alphabet, no stray bits."""
    with pytest.raises(KeyInvalid):
        read_integer({"n": value}, "n")


def test_octets_have_their_length() -> None:
    """A member of fixed length is refused when shorter or longer."""
    assert read_octets({"x": "AAA"}, "x", 2) == b"\x00\x00"
    for wrong in ("AA", "AAAA", ""):
        with pytest.raises(KeyInvalid):
            read_octets({"x": wrong}, "x", 2)
