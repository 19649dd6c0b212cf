"""Secrets of services that ask about tokens: made here, 256 random bits each, and kept as hashes alone.

A random value of that size needs no slow hash: nobody guesses it, salted or not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from django.views.decorators.debug import sensitive_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET_PREFIX: Final = "jps_"
"""By this, programs that look for leaked secrets can tell what they have found."""

HASH_PREFIX: Final = "sha256$"
_NO_HASHES: Final = (HASH_PREFIX + "0" * 64,)


@sensitive_variables()
def new_client_secret() -> str:
    """Make a secret."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


@sensitive_variables()
def hash_client_secret(secret: str) -> str:
    """Return what the settings keep of a secret."""
    return HASH_PREFIX + hashlib.sha256(secret.encode()).hexdigest()


@sensitive_variables()
def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """Read a client's name and secret from an Authorization header (RFC 7617, RFC 6749 s2.3.1).

    Returns:
        Both; None when the header is missing, speaks of another scheme, or is malformed.
    """
    scheme, _, text = (header or "").strip(" \t").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(text.strip(" "), validate=True).decode().partition(":")
        return (unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")) if colon else None
    except (binascii.Error, ValueError):
        return None


@sensitive_variables()
def is_client(name: str, secret: str, clients: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a client's secret is one of its own; takes as long for a client that nobody knows.

    Args:
        name: Which client it says it is.
        secret: What it proves that with.
        clients: The hashes of each client's secrets.
    """
    presented = hash_client_secret(secret)
    found = [hmac.compare_digest(presented, known) for known in clients.get(name, _NO_HASHES)]
    return name in clients and any(found)
