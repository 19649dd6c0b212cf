"""Base64url: what the encoder writes is all that the decoder reads."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.base64url import b64url_decode, b64url_encode

SEGMENT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \n")


def test_example_of_the_rfc() -> None:
    """RFC 7515 appendix C."""
    assert b64url_encode(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"
    assert b64url_decode("A-z_4ME") == bytes([3, 236, 255, 224, 193])


@given(st.binary())
def test_round_trip(data: bytes) -> None:
    """Decoding undoes encoding, and encoding is what the standard library writes without its padding."""
    text = b64url_encode(data)
    assert text == urlsafe_b64encode(data).decode().rstrip("=")
    assert b64url_decode(text) == b64url_decode(text.encode()) == data


@given(SEGMENT | st.text())
def test_only_the_canonical_form_decodes(text: str) -> None:
    """Whatever decodes is what its bytes encode to: no two texts mean the same."""
    with suppress(ValueError):
        assert b64url_encode(b64url_decode(text)) == text


@given(st.binary())
def test_any_bytes_decode_or_are_a_value_error(data: bytes) -> None:
    """Nothing but ``ValueError`` comes out of bad input."""
    with suppress(ValueError):
        assert b64url_encode(b64url_decode(data)).encode() == data


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AAAAA",
        "AA=",
        "AA==",
        "AAA=",
        "AAAA=",
        "=",
        "AB",
        "AAF",
        "AA A",
        "AAAA\n",
        "\nAAAA",
        "+AAA",
        "/AAA",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    """No padding, no white space, no other alphabet, no impossible length, no bits left over."""
    with pytest.raises(ValueError, match=r"base64|data"):
        b64url_decode(text)
