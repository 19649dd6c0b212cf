"""JSON objects read strictly (RFC 8259, RFC 7515 s4, RFC 7519 s4).

Where JSON leaves room, two readers may see two different documents, and that is how tokens and keys get
confused. So: UTF-8 alone, no byte order mark, no duplicate member names, no ``NaN`` or ``Infinity`` and no
number that becomes one, no lone surrogates, bounded integers and depth.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn

from jotpass.jose.frozen_json import freeze
from jotpass.jose.limits import MAX_INTEGER_DIGITS, MAX_JSON_DEPTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JsonObject = dict[str, Any]

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_WHITE_SPACE = " \t\n\r"
# The closing quote is optional, so that a string left open costs one pass and not one for each quote in it.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


def parse_json_object(document: str | bytes) -> JsonObject:
    """Read one JSON object.

    Args:
        document: The JSON text; bytes must be UTF-8.

    Returns:
        Its members, in a ``dict`` of the caller's own; objects and arrays inside are frozen.

    Raises:
        ValueError: For anything else; the text says nothing of the document.
    """
    try:
        text = (document.encode() if isinstance(document, str) else document).decode()
        if text.rfind("{") == 0 and "[" not in text and "\\" not in text:
            # A flat object without escapes, as most tokens hold. Commas separate its members, so it has one
            # more than the text has commas, or fewer; where as many were read, no name came twice. Else the
            # thorough way decides.
            members: JsonObject
            members, end = (_scan_short if len(text) <= MAX_INTEGER_DIGITS else _scan_flat)(text, 0)
            if end == len(text) and len(members) == text.count(",") + 1:
                return members
        return _read_any(text)
    except (ValueError, StopIteration, RecursionError):
        # These hold the document. The error below is raised outside, so that not even its context does.
        pass
    raise ValueError("not a strict JSON object")


def write_json_object(members: Mapping[str, Any]) -> bytes:
    """Write one JSON object as compact UTF-8, and only one that ``parse_json_object`` reads.

    Raises:
        TypeError: If a value has no JSON form.
        ValueError: If the strict reader would refuse the result.
    """
    try:
        text = _encode(members)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    document = text.encode("utf-8")
    parse_json_object(document)
    return document


def _read_any(text: str) -> JsonObject:
    if text.count("{") + text.count("[") > MAX_JSON_DEPTH:
        _check_depth(text)
    members, end = _scan_any(text, len(text) - len(text.lstrip(_WHITE_SPACE)))
    if not isinstance(members, dict) or text[end:].strip(_WHITE_SPACE):
        _refuse("not one object")
    if "\\u" in text:
        # Writing it out as UTF-8 fails exactly where a surrogate stands alone.
        json.dumps(members, ensure_ascii=False).encode("utf-8")
    return {name: freeze(value) for name, value in members.items()}


def _refuse(reason: str) -> NoReturn:
    raise ValueError(reason)


def _unique_members(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("duplicate member")
    return members


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        _refuse("integer too long")
    return int(digits)


def _finite_float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        _refuse("number out of range")
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = match[0][0]
        if first in "[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                _refuse("nested too deeply")
        elif first in "]}":
            depth -= 1


def _scanner(**options: Any) -> Callable[[str, int], tuple[Any, int]]:
    decoder = json.JSONDecoder(parse_float=_finite_float, parse_constant=_refuse, **options)
    return decoder.scan_once  # type: ignore[attr-defined, no-any-return]


# What is no longer than the longest integer holds no longer one.
_scan_short = _scanner()
_scan_flat = _scanner(parse_int=_bounded_integer)
_scan_any = _scanner(parse_int=_bounded_integer, object_pairs_hook=_unique_members)
