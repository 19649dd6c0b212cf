"""Secrets that stand in documentation and tutorials, and so in forgers' word lists (RFC 8725 s3.5)."""

from __future__ import annotations

import hmac
from typing import Final

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS

KNOWN_SECRETS: Final = (
    "secret",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "your-secret-key",
    "your_secret_key",
    "your-secret",
    "my-secret",
    "mysecret",
    "my_secret_key",
    "supersecret",
    "super-secret",
    "secretkey",
    "secret-key",
    "secret_key",
    "SECRET_KEY",
    "jwt-secret",
    "jwt_secret",
    "jwtsecret",
    "token",
    "key",
    "test",
    "testing",
    "changeme",
    "change-me",
    "password",
    "123456",
    "12345678",
    "qwerty",
    "django-insecure",
    "keyboard cat",
    "shhhhh",
    "",
)


def known_secret(alg: object, signing_input: bytes, signature: bytes | None) -> str | None:
    """Return the well-known secret that a MAC was made with, or None."""
    row = SIGNATURE_ALGORITHMS.get(alg) if isinstance(alg, str) else None
    if row is None or row.scheme != "HMAC" or not signature:
        return None
    for secret in KNOWN_SECRETS:
        if hmac.compare_digest(hmac.digest(secret.encode(), signing_input, row.hash), signature):
            return secret
    return None
