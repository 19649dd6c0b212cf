"""The members of a JWK: reading one strictly, and those that every key type has (RFC 7517 s4).

Members that are not named here or by the key type are ignored, as RFC 7517 s4 asks. ``x5u`` and ``x5c`` are
among them: a certificate inside a JWK is never a source of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn, TypedDict

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_decode, b64url_encode
from jotpass.jose.errors import KeyInvalid, KeyMismatch
from jotpass.jose.limits import MAX_KID_LENGTH
from jotpass.jose.strict_json import parse_json_object

_SIGNING_OPERATIONS: Final = frozenset({"sign", "verify"})
_ENCRYPTION_OPERATIONS: Final = frozenset(
    {"encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"},
)
_OPERATIONS_OF_USE: Final = {"sig": _SIGNING_OPERATIONS, "enc": _ENCRYPTION_OPERATIONS}
_PUBLIC_OPERATION: Final = {"sign": "verify", "decrypt": "encrypt", "unwrapKey": "wrapKey"}


class KeyParameters(TypedDict, total=False):
    """What may be said about a key of any type (RFC 7517 s4.2-4.5), and our own ``allow_weak``."""

    alg: str | None
    kid: str | None
    use: str | None
    key_ops: tuple[str, ...] | None
    allow_weak: bool


def read_document(document: object, maximum_length: int) -> Mapping[str, object]:
    """Turn JSON text, or an object that was parsed already, into members.

    Raises:
        KeyInvalid: For text that is not a strict JSON object of at most ``maximum_length`` bytes, and for any
            other JSON value.
        TypeError: For a Python object that no JSON document becomes.
    """
    if isinstance(document, Mapping):
        return document
    if isinstance(document, str | bytes):
        if len(document) > maximum_length:
            _refuse("longer than the limit")
        try:
            return parse_json_object(document)
        except ValueError:
            _refuse("not a strict JSON object")
    if document is None or isinstance(document, list | tuple | int | float):
        _refuse("not a JSON object")
    raise TypeError(f"expected JSON as dict, str or bytes, got {type(document).__name__}")


def read_text(members: Mapping[str, object], name: str) -> str:
    """Return a member that must be a string, and writable as UTF-8."""
    value = members.get(name)
    if not isinstance(value, str):
        _refuse(f"{name} must be a string" if name in members else f"{name} is missing")
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse(f"{name} is not Unicode text")
    return value


def read_octets(members: Mapping[str, object], name: str, length: int | None = None) -> bytes:
    """Return a member in canonical base64url, of exactly ``length`` bytes where that is given."""
    try:
        octets = b64url_decode(read_text(members, name))
    except ValueError:
        _refuse(f"{name} is not canonical base64url")
    if length is not None and len(octets) != length:
        _refuse(f"{name} must have {length} bytes")
    return octets


def read_integer(members: Mapping[str, object], name: str) -> int:
    """Return a Base64urlUInt: big-endian, in as few bytes as it needs (RFC 7518 s2)."""
    octets = read_octets(members, name)
    if not octets or (octets[0] == 0 and len(octets) > 1):
        _refuse(f"{name} must be an integer without leading zero bytes")
    return int.from_bytes(octets)


def write_integer(value: int) -> str:
    """Write a Base64urlUInt (RFC 7518 s2)."""
    return b64url_encode(value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def read_parameters(members: Mapping[str, object]) -> KeyParameters:
    """Read ``alg``, ``kid``, ``use`` and ``key_ops``; those that are absent are left out."""
    parameters = KeyParameters()
    for name in ("alg", "kid", "use"):
        if name in members:
            parameters[name] = read_text(members, name)
    if "key_ops" in members:
        parameters["key_ops"] = _read_key_ops(members["key_ops"])
    return parameters


def check_parameters(
    alg: str | None, kid: str | None, use: str | None, key_ops: tuple[str, ...] | None
) -> None:
    """Refuse parameters that contradict each other (RFC 7517 s4.2, s4.3).

    Values that the RFC does not register are kept: they permit nothing here.
    """
    if kid is not None and len(kid) > MAX_KID_LENGTH:
        _refuse("kid is longer than the limit")
    if use == "enc" and alg in SIGNATURE_ALGORITHMS:
        _refuse("use is enc, but alg is a signature algorithm")
    if key_ops is None:
        return
    if len(set(key_ops)) != len(key_ops):
        _refuse("key_ops has duplicate values")
    for named_use, operations in _OPERATIONS_OF_USE.items():
        if use not in {None, named_use} and use in _OPERATIONS_OF_USE and not operations.isdisjoint(key_ops):
            _refuse("use and key_ops contradict each other")


def check_algorithm(alg: str | None, kty: str, crv: str | None) -> None:
    """Refuse a signature algorithm that is for another key type or curve (RFC 7518 s3.4, RFC 8725 s3.1).

    Raises:
        KeyMismatch: When ``alg`` does not take such keys.
    """
    row = SIGNATURE_ALGORITHMS.get(alg) if alg is not None else None
    if row is not None and (row.kty != kty or (row.curves and crv not in row.curves)):
        raise KeyMismatch("alg is not for this key type or curve")


def public_operations(key_ops: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return what the public half may do where the private one may do ``key_ops``."""
    if key_ops is None:
        return None
    return tuple(dict.fromkeys(_PUBLIC_OPERATION.get(operation, operation) for operation in key_ops))


def _refuse(reason: str) -> NoReturn:
    raise KeyInvalid(reason) from None


def _read_key_ops(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        _refuse("key_ops must be an array of strings")
    return tuple(read_text({"key_ops": operation}, "key_ops") for operation in value)
