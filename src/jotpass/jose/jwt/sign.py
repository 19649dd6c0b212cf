"""Making a JWT: a Claims Set signed in compact serialization (RFC 7519 s7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jotpass.jose.jws.compact import sign_compact
from jotpass.jose.jwt.claims import check_types
from jotpass.jose.strict_json import write_json_object

if TYPE_CHECKING:
    from jotpass.jose.jwk.key import Key


def sign_jwt(
    claims: Mapping[str, Any],
    key: Key,
    *,
    algorithm: str | None = None,
    typ: str | None = "JWT",
    headers: Mapping[str, Any] | None = None,
) -> str:
    """Sign claims. None is added: ``exp``, ``iat`` and the rest are the caller's.

    Args:
        claims: The Claims Set. ``exp``, ``nbf`` and ``iat`` are seconds since the epoch.
        key: A private or symmetric key.
        algorithm: The ``alg``; needed only where the key is not bound to one.
        typ: The header's ``typ``, such as ``at+jwt``; None for a header without.
        headers: More header members. ``kid`` is the key's unless it stands here.

    Returns:
        The token.

    Raises:
        ClaimInvalid: If a registered claim has a type that RFC 7519 s4.1 does not give it.
        KeyMismatch: If the key is public, or is for another algorithm, use or operation.
        KeyWeak: If the secret is too short for the algorithm.
        TokenTooLarge: If nobody with our limits would read the result.
        TypeError: If ``key`` is not a ``Key``, ``claims`` no mapping, or a claim has no JSON form.
        ValueError: If the claims are not strict JSON, or an option has an impossible value.
    """
    if not isinstance(claims, Mapping):
        raise TypeError(f"claims must be a mapping, not {type(claims).__name__}")
    check_types(claims)
    return sign_compact(write_json_object(claims), key, algorithm=algorithm, typ=typ, headers=headers)
