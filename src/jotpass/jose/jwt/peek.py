"""Reading a token without verifying it: for tools that explain tokens, never for deciding anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from jotpass.jose.errors import TokenMalformed
from jotpass.jose.frozen_json import FrozenObject
from jotpass.jose.header import read_header
from jotpass.jose.jws.compact import read_compact
from jotpass.jose.strict_json import parse_json_object


@dataclass(frozen=True, slots=True)
class Unverified:
    """What anybody may have written: it is no Claims Set, no mapping, and neither true nor false.

    Attributes:
        header: The JOSE Header, as it came; none of its members is checked.
        claims: The payload's members, as they came; neither types nor times are checked.
    """

    header: FrozenObject
    claims: FrozenObject

    def __bool__(self) -> NoReturn:
        """Refuse to look like the answer to "is it valid?"."""
        raise TypeError("an unverified token is neither valid nor invalid: verify it")


def peek_unverified(token: str | bytes) -> Unverified:
    """Read a token's header and claims. Nothing is verified: neither signature nor type nor time.

    Args:
        token: A JWT in compact serialization, signed or unsecured.

    Raises:
        TokenMalformed: If it is not three segments of base64url with JSON objects in the first two.
        TokenTooLarge: If it is longer than the limit.
        TypeError: If it is neither str nor bytes.
    """
    _, segment, payload, _ = read_compact(token)
    header = read_header(segment)
    try:
        claims = FrozenObject(parse_json_object(payload))
    except ValueError:
        raise TokenMalformed("the payload is not a JSON object") from None
    return Unverified(header, claims)
