"""How large an input may be before any work is spent on it.

RFC 7515 sets no limits; these leave room for every signature algorithm and certificate chain in use, and none
for an attacker who is paid in our processor time.
"""

from __future__ import annotations

from typing import Final

MAX_TOKEN_LENGTH: Final = 64 * 1024
"""Characters of a compact serialization."""

MAX_HEADER_LENGTH: Final = 8 * 1024
"""Characters of a header segment, base64url-encoded."""

MAX_KID_LENGTH: Final = 1024
"""Characters of a ``kid``."""

MAX_JSON_DEPTH: Final = 32
"""Arrays and objects inside one another."""

MAX_INTEGER_DIGITS: Final = 256
"""Digits of a JSON integer: more than any identifier has, few enough to become a finite float."""

MAX_JWK_LENGTH: Final = 64 * 1024
"""Bytes of one JWK, PEM or DER document."""

MAX_JWK_SET_LENGTH: Final = 1024 * 1024
"""Bytes of a JWK Set."""

MAX_TRIED_KEYS: Final = 4
"""Keys of a set that one token without ``kid`` is tried with."""
