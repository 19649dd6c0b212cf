"""Text of strangers, made fit to be shown: what acts on a terminal or hides from a reader becomes an escape.

A token may hold terminal escape sequences, bidirectional overrides that turn text around, characters without
width and lone surrogates (RFC 8259 s8.2). Shown as they are, they would rewrite the report about themselves.
"""

from __future__ import annotations

from itertools import groupby


def visible_parts(text: str) -> list[tuple[str, bool]]:
    """Split text into runs that can be shown, and runs of escapes in place of what cannot.

    Returns:
        Pairs of the text to show, and whether it stands for something hidden.
    """
    return [
        ("".join(map(_escape, run)), True) if hidden else ("".join(run), False)
        for hidden, run in groupby(text, key=_is_hidden)
    ]


def visible_text(text: str) -> str:
    """Return text in one line in which every character can be seen; others become escapes."""
    return text if text.isprintable() else "".join(part for part, _ in visible_parts(text))


def has_hidden_characters(text: str) -> bool:
    """Whether text holds controls, format characters, lone surrogates or unassigned code points."""
    return not text.isprintable()


def shorten(text: str, length: int) -> str:
    """Cut text that is longer than ``length`` characters, and say how long it was."""
    return text if len(text) <= length else f"{text[:length]}... ({len(text):,} characters)"


def _is_hidden(character: str) -> bool:
    return not character.isprintable()


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the last of the BMP
