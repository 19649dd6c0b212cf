"""The thumbprint of a key (RFC 7638) and its URI (RFC 9278)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from jotpass.jose.base64url import b64url_encode

if TYPE_CHECKING:
    from collections.abc import Mapping

_URI_PREFIX: Final = "urn:ietf:params:oauth:jwk-thumbprint"
# Our name, as hashlib has it, and the one that RFC 9278 s4 takes from the IANA registry.
_HASH_NAMES: Final = {"sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512"}


def compute_thumbprint(required_members: Mapping[str, str], hash_name: str) -> str:
    """Hash the members that define a key, in the one form that RFC 7638 s3.3 allows.

    Args:
        required_members: ``kty`` and the members RFC 7638 s3.2 names for it; all are plain ASCII.
        hash_name: ``sha256``, ``sha384`` or ``sha512``.

    Raises:
        ValueError: For another hash.
    """
    if hash_name not in _HASH_NAMES:
        raise ValueError(f"hash must be one of {', '.join(_HASH_NAMES)}")
    canonical = json.dumps(required_members, separators=(",", ":"), sort_keys=True)
    return b64url_encode(hashlib.new(hash_name, canonical.encode()).digest())


def compute_thumbprint_uri(required_members: Mapping[str, str], hash_name: str) -> str:
    """Write the thumbprint as a URI (RFC 9278 s3)."""
    thumbprint = compute_thumbprint(required_members, hash_name)
    return f"{_URI_PREFIX}:{_HASH_NAMES[hash_name]}:{thumbprint}"
