"""Reading base64url and JSON as far as they can be read, with a note of everything that a verifier refuses.

The strict readers are those of ``jotpass.jose``; these here serve explanation alone. Each flaw is the code of
a finding.
"""

from __future__ import annotations

import json
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from jotpass.jose.base64url import b64url_decode
from jotpass.jose.limits import MAX_INTEGER_DIGITS, MAX_JSON_DEPTH

_LENIENT_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*")
_WHITE_SPACE: Final = re.compile(r"\s+")
_JSON_WHITE_SPACE: Final = " \t\n\r"
_UNUSABLE_REST: Final = 1
"""Base64 characters that are left over and hold no byte."""


@dataclass(frozen=True, slots=True)
class ReadSegment:
    """The bytes of a segment, or None, and its flaws."""

    octets: bytes | None
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadJson:
    """A JSON value as it was written.

    Attributes:
        value: The value; the last of several members with one name. Numbers that JSON readers disagree about
            are the text that was there.
        is_json: Whether there was one.
        flaws: Codes of findings.
        duplicates: Names that an object has twice.
    """

    value: Any = None
    is_json: bool = False
    flaws: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()


def read_segment(segment: str) -> ReadSegment:
    """Decode a segment in whatever base64 it is."""
    try:
        return ReadSegment(b64url_decode(segment))
    except ValueError:
        pass
    body = _WHITE_SPACE.sub("", segment).translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    if not _LENIENT_BASE64.fullmatch(body) or len(body) % 4 == _UNUSABLE_REST:
        return ReadSegment(None, ("base64url_invalid",))
    try:
        octets = a2b_base64(body + "=" * (-len(body) % 4))
    except Base64Error:
        return ReadSegment(None, ("base64url_invalid",))
    return ReadSegment(octets, ("base64url_not_canonical",))


def read_json(octets: bytes) -> ReadJson:
    """Read one JSON value out of bytes."""
    notes = _Notes()
    text = _read_utf8(octets, notes)
    decoder = json.JSONDecoder(
        object_pairs_hook=notes.members,
        parse_int=notes.integer,
        parse_float=notes.number,
        parse_constant=notes.constant,
    )
    start = len(text) - len(text.lstrip(_JSON_WHITE_SPACE))
    try:
        value, end = decoder.raw_decode(text, start)
        if _is_deep(value):
            return ReadJson(flaws=("json_too_deep",))
    except RecursionError:
        return ReadJson(flaws=("json_too_deep",))
    except ValueError:
        return ReadJson(flaws=tuple(notes.flaws))
    if text[end:].strip(_JSON_WHITE_SPACE):
        notes.flaw("json_trailing_data")
    return ReadJson(value, is_json=True, flaws=tuple(notes.flaws), duplicates=tuple(notes.duplicates))


class _Notes:
    """What the JSON decoder meets on its way; each once."""

    def __init__(self) -> None:
        self.flaws: dict[str, None] = {}
        self.duplicates: dict[str, None] = {}

    def flaw(self, code: str) -> None:
        self.flaws[code] = None

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for name, value in pairs:
            if name in members:
                self.flaw("json_duplicate_member")
                self.duplicates[name] = None
            members[name] = value
        return members

    def integer(self, digits: str) -> int | str:
        if len(digits) > MAX_INTEGER_DIGITS:
            return self.constant(digits)
        return int(digits)

    def number(self, text: str) -> float | str:
        value = float(text)
        return value if isfinite(value) else self.constant(text)

    def constant(self, text: str) -> str:
        self.flaw("json_number_invalid")
        return text


def _read_utf8(octets: bytes, notes: _Notes) -> str:
    if octets.startswith(b"\xef\xbb\xbf"):
        notes.flaw("json_byte_order_mark")
        octets = octets[3:]
    try:
        return octets.decode()
    except UnicodeDecodeError:
        notes.flaw("json_not_utf8")
        return octets.decode(errors="replace")


def _is_deep(value: Any) -> bool:
    """Whether objects and arrays are nested beyond the limit, found without recursion."""
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return False
    return any(isinstance(value, dict | list) for value in level)


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
