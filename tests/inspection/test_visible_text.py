"""Text of strangers is shown, and does nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jotpass.inspection import visible_parts, visible_text
from jotpass.inspection.visible_text import shorten


@given(st.text(alphabet=st.characters()))
def test_every_character_of_the_result_can_be_seen(text: str) -> None:
    """Controls, bidirectional overrides, zero-width characters and surrogates become escapes."""
    assert visible_text(text).isprintable()


def test_escapes_name_the_code_point() -> None:
    """What was hidden can be read off."""
    assert (
        visible_text("a\x1b[31m\u202eb\U000e0001\ud800\n") == "a\\u001b[31m\\u202eb\\U000e0001\\ud800\\u000a"
    )


def test_hidden_runs_are_marked() -> None:
    """Whoever shows the text can tell an escape from a backslash in it."""
    assert visible_parts("a\x1b\\u001b") == [("a", False), ("\\u001b", True), ("\\u001b", False)]


def test_long_text_is_cut_and_its_length_said() -> None:
    """A report of a huge token stays a page."""
    assert shorten("abc", 3) == "abc"
    assert shorten("a" * 1_234, 3) == "aaa... (1,234 characters)"
