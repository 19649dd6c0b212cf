"""What may be written to a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth.printable import is_printable, printable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Küche 🍳",
        "👩\N{ZERO WIDTH JOINER}💻 laptop",
        "می\N{ZERO WIDTH NON-JOINER}خواهم",
        "a\N{NO-BREAK SPACE}b",
        "電話\N{IDEOGRAPHIC SPACE}壱",
    ],
)
def test_what_people_write_is_printable(text: str) -> None:
    """In any language, with emoji, and with the spaces of their keyboards."""
    assert is_printable(text)
    assert printable(text) == text


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x1b", "\n", "\t", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028", "\ud800"],
    ids=ascii,
)
def test_what_a_terminal_obeys_is_replaced(character: str) -> None:
    """Escapes, line ends, marks that turn the direction, what nobody sees, and what no file can hold."""
    assert not is_printable(f"a{character}b")
    assert printable(f"a{character}b") == "a\N{REPLACEMENT CHARACTER}b"


@given(st.text(st.characters()))
def test_cleaned_text_is_printable(text: str) -> None:
    """Whatever it was; one character for each."""
    assert is_printable(printable(text))
    assert len(printable(text)) == len(text)
