"""The JOSE Header: what a token says about itself (RFC 7515 s4).

Reading it gives no trust. Key sources that a header may carry (``jwk``, ``jku``, ``x5u``, ``x5c``) are
members like any other and are never used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jotpass.jose.base64url import b64url_decode, b64url_encode
from jotpass.jose.errors import CritUnsupported, HeaderInvalid, TokenMalformed
from jotpass.jose.frozen_json import FrozenObject
from jotpass.jose.limits import MAX_HEADER_LENGTH, MAX_KID_LENGTH
from jotpass.jose.strict_json import parse_json_object, write_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

# RFC 7515 s4.1 and RFC 7518: names that crit must not list.
_REGISTERED: Final = frozenset(
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"},
)
_TEXT_MEMBERS: Final = ("alg", "kid", "typ", "cty")
# What sign_compact writes itself or does not offer.
_OWN_MEMBERS: Final = frozenset({"alg", "typ", "crit", "b64"})


def read_header(segment: bytes) -> FrozenObject:
    """Read the first segment of a compact serialization, without judging what it says.

    Raises:
        TokenMalformed: If it is not a JSON object in base64url.
    """
    if len(segment) > MAX_HEADER_LENGTH:
        raise TokenMalformed("the header is too long")
    try:
        members = FrozenObject(parse_json_object(b64url_decode(segment)))
    except ValueError:
        raise TokenMalformed("the header is not a JSON object in base64url") from None
    return members


def check_header(header: Mapping[str, Any]) -> None:
    """Check the members that RFC 7515 defines.

    Raises:
        CritUnsupported: If the header asks for an extension; none is supported.
        HeaderInvalid: If a member has the wrong type, ``alg`` is missing or ``crit`` is not well formed.
    """
    for name in _TEXT_MEMBERS:
        if name in header and not isinstance(header[name], str):
            raise HeaderInvalid(f"{name} must be a string")
    if "alg" not in header:
        raise HeaderInvalid("alg is missing")
    if len(header.get("kid", "")) > MAX_KID_LENGTH:
        raise HeaderInvalid("kid is too long")
    if "crit" in header:
        _check_crit(header)
    # Without crit, a reader that never heard of RFC 7797 sees another payload than one that has.
    if header.get("b64", True) is not True:
        raise HeaderInvalid("b64 needs crit")


def _check_crit(header: Mapping[str, Any]) -> None:
    names = header["crit"]
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) for name in names)
        or len(set(names)) != len(names)
        or not _REGISTERED.isdisjoint(names)
        or not all(name in header for name in names)
    ):
        raise HeaderInvalid("crit must list extension members of this header")
    raise CritUnsupported("crit names an extension that is not supported")


def write_header(alg: str, typ: str | None, kid: str | None, extra: Mapping[str, Any] | None) -> str:
    """Write a header segment.

    Args:
        alg: The algorithm's name.
        typ: The token's type, or None for a header without.
        kid: The key's id, or None; ``extra`` may name another.
        extra: More members.

    Raises:
        TypeError: If a value has no JSON form.
        ValueError: If ``extra`` sets a member that is not the caller's to set, or the header is not strict
            JSON.
    """
    members: dict[str, Any] = {"alg": alg}
    if typ is not None:
        members["typ"] = typ
    if kid is not None:
        members["kid"] = kid
    if extra:
        if not _OWN_MEMBERS.isdisjoint(extra):
            raise ValueError("headers must not set alg, typ, crit or b64")
        members |= extra
    try:
        check_header(members)
    except HeaderInvalid as error:
        raise ValueError(str(error)) from None
    segment = b64url_encode(write_json_object(members))
    if len(segment) > MAX_HEADER_LENGTH:
        raise ValueError("the header is too long")
    return segment


def media_type(typ: str) -> str:
    """Return ``typ`` as it compares: in lower case, with ``application/`` written out (RFC 7515 s4.1.9).

    Only ASCII letters have a case here: a name with others is no media type and equals nothing but itself.
    """
    if not typ.isascii():
        return typ
    return typ.lower() if "/" in typ else "application/" + typ.lower()
