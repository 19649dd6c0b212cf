"""Tokens of any shape, written without asking whether anybody should."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from jotpass.jose.base64url import b64url_encode

NOW = 1_785_571_200
SIGNATURE = b"\x01" * 64

GOOD_HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "2026-08"}
GOOD_CLAIMS = {
    "iss": "https://id.example",
    "sub": "42",
    "aud": "api",
    "client_id": "web",
    "iat": NOW - 60,
    "exp": NOW + 240,
    "jti": "a1",
}


def segment(value: object) -> str:
    """One segment: bytes and text as they are, anything else as JSON."""
    if isinstance(value, bytes):
        return b64url_encode(value)
    return b64url_encode((value if isinstance(value, str) else json.dumps(value)).encode())


def forge(header: object = None, claims: object = None, signature: bytes = SIGNATURE) -> str:
    """A compact JWS; what is not given is as it should be in an access token."""
    first = GOOD_HEADER if header is None else header
    return f"{segment(first)}.{segment(GOOD_CLAIMS if claims is None else claims)}.{b64url_encode(signature)}"


def with_header(**members: Any) -> str:
    """An access token with other header members; None takes one away."""
    return forge({name: value for name, value in {**GOOD_HEADER, **members}.items() if value is not None})


def with_claims(**members: Any) -> str:
    """An access token with other claims; None takes one away."""
    claims = {name: value for name, value in {**GOOD_CLAIMS, **members}.items() if value is not None}
    return forge(claims=claims)


def hmac_signed(secret: bytes, **members: Any) -> str:
    """An access token under a shared secret."""
    signing_input = f"{segment({**GOOD_HEADER, 'alg': 'HS256', **members})}.{segment(GOOD_CLAIMS)}"
    signature = hmac.digest(secret, signing_input.encode(), hashlib.sha256)
    return f"{signing_input}.{b64url_encode(signature)}"
