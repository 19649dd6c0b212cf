"""Text from outside that people will read in a terminal: no control characters, nothing that reorders a line.

Printable is what Python says (``str.isprintable``), any kind of space, and the two joiners, without which
neither Persian nor many an emoji can be written.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINERS: Final = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")


def is_printable(text: str) -> bool:
    """Tell whether nothing in the text could be taken for an instruction to a terminal."""
    return text.isprintable() or all(map(_is_printable, text))


def printable(text: str) -> str:
    """Return the text with a replacement character for each that is not printable."""
    if is_printable(text):
        return text
    return "".join(
        character if _is_printable(character) else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _is_printable(character: str) -> bool:
    return character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs"
