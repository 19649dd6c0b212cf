"""How the public API is typed: checked by mypy as a user's code would be, never run.

Each function states what a type checker must infer; `assert_type` fails the check when it infers something
else. A misuse that must be an error carries a `type: ignore` with its code; mypy reports those not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

from rest_framework.views import APIView

from jotpass import jose
from jotpass.auth.drf.permissions import HasScope, RecentAuthentication

if TYPE_CHECKING:
    from collections.abc import Mapping


def a_jwt_is_signed_and_verified() -> None:
    """A key signs to a str; a Verifier turns it into a read-only mapping."""
    key = jose.Key.generate("ES256")
    token = jose.sign_jwt({"sub": "42"}, key, typ="at+jwt")
    assert_type(token, str)
    verifier = jose.Verifier(
        key, algorithms=["ES256"], issuer="https://id.example", audience="api", typ="at+jwt"
    )
    claims = verifier.verify(token)
    assert_type(claims, jose.ClaimsSet)
    as_mapping(claims)
    assert_type(jose.verify_jwt(token, key, algorithms=["ES256"]), jose.ClaimsSet)


def as_mapping(claims: Mapping[str, Any]) -> None:
    """Verified claims go wherever a mapping goes."""
    assert_type(claims["sub"], Any)


def bytes_are_no_key(token: str, secret: bytes) -> None:
    """A secret becomes a key by name, never by being passed in a key's place."""
    jose.verify_jwt(token, secret, algorithms=["HS256"])  # type: ignore[arg-type]
    jose.sign_jwt({"sub": "42"}, secret)  # type: ignore[arg-type]
    key = jose.Key.from_secret(secret, alg="HS256")
    assert_type(key, jose.Key)
    assert_type(jose.sign_jwt({"sub": "42"}, key), str)


def every_refusal_has_a_code(token: bytes, keys: jose.KeySet) -> str | None:
    """One except clause catches every refusal, and its code is a str."""
    try:
        jose.verify_jwt(token, keys, algorithms=["EdDSA", "ES256"])
    except jose.JoseError as refusal:
        assert_type(refusal.code, str)
        return refusal.code
    return None


class Orders(APIView):
    """Permissions about the token stand where DRF's stand, composed or not."""

    permission_classes = (HasScope("read") | HasScope("write"), ~HasScope("old"), RecentAuthentication(300))
