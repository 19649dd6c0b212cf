"""What people paste around a token: a header line, quotes, a JSON answer, a log line (RFC 6750 s2.1).

``unwrap`` finds the token in it and says where it was. It is for tools: a server takes a token as it comes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

MAX_INPUT_LENGTH: Final = 8 * 1024 * 1024
"""Characters that are looked at; a token of more is none."""

# Members of a token answer, ours and RFC 6749's, the most telling first.
_TOKEN_MEMBERS: Final = ("access", "access_token", "id_token", "token", "jwt", "refresh", "refresh_token")
# JWS and JWE in JSON, JWK and JWK Set: they are looked at as they are.
_MEMBERS_OF_JOSE: Final = frozenset({"payload", "ciphertext", "kty", "keys"})
_QUOTES: Final = "\"'`“”‘’«»"  # noqa: RUF001 - word processors put these around
_HEADER_LINE: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]{0,63}):[ \t]+")
_SCHEME: Final = re.compile(r"(?P<scheme>Bearer|DPoP|JWT|Token)[ \t:]+", re.IGNORECASE)
_COMPACT: Final = re.compile(r"[A-Za-z0-9_+/=-]+(\.[A-Za-z0-9_+/=-]*){1,4}(~.*)?", re.DOTALL)
BEGINNING: Final = "eyJ"
"""How the base64url of every JSON object begins that begins with a member."""
# Begins where no token goes on, and takes all it can at once: one pass, whatever the text.
_EMBEDDED: Final = re.compile(r"(?<![\w.~-])eyJ[\w-]*+(?:\.[\w-]*+){2,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The text that is a token or should be one, and what was around it.

    Attributes:
        token: Without white space at its ends.
        found_in: What it was taken out of, in the order it was taken off; empty where it stood alone.
    """

    token: str
    found_in: tuple[str, ...] = ()


def unwrap(text: str | bytes) -> Unwrapped:
    """Find the token in what was pasted. Whatever the text is, the answer is some of it."""
    bare = read_text(text).strip()
    found_in: list[str] = []
    if line := _HEADER_LINE.match(bare):
        bare = bare[line.end() :]
        found_in.append(f"a header line ({line['name']})")
    bare, quoted = _without_quotes(bare)
    if scheme := _SCHEME.match(bare):
        bare = bare[scheme.end() :]
        found_in.append(f"the scheme {scheme['scheme']}")
    bare, quoted_again = _without_quotes(bare)
    if quoted or quoted_again:
        found_in.append("quotes")
    return _look_inside(bare, found_in)


def read_text(text: str | bytes) -> str:
    """Decode what was read from a file: UTF-8, or UTF-16 with its mark, as PowerShell writes."""
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.decode("utf-16", "replace")
    return text.decode("utf-8-sig", "replace")


def _without_quotes(text: str) -> tuple[str, bool]:
    bare = text.strip().rstrip(",;").strip(_QUOTES).strip()
    return (bare, True) if bare != text.strip() else (text.strip(), False)


def _look_inside(bare: str, found_in: list[str]) -> Unwrapped:
    if len(bare) > MAX_INPUT_LENGTH or _COMPACT.fullmatch(bare):
        return Unwrapped(bare, tuple(found_in))
    # A token that somebody's mail or terminal broke into lines.
    joined = "".join(bare.split())
    if bare.startswith(BEGINNING) and _COMPACT.fullmatch(joined):
        return Unwrapped(joined, (*found_in, "text with line breaks or spaces in the token"))
    if bare.startswith("{"):
        document = _json_object(bare)
        for name in _TOKEN_MEMBERS:
            if isinstance(document.get(name), str):
                return Unwrapped(document[name].strip(), (*found_in, f"a JSON object (its member {name})"))
        if not _MEMBERS_OF_JOSE.isdisjoint(document):
            return Unwrapped(bare, tuple(found_in))
    embedded = _EMBEDDED.search(bare)
    if embedded is None:
        return Unwrapped(bare, tuple(found_in))
    return Unwrapped(embedded[0], (*found_in, "a longer text"))


def _json_object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
