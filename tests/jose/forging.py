"""Tokens as an attacker, or a careless issuer, would write them: any header, any payload, any signature."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.jws.signing import make_signature

if TYPE_CHECKING:
    from jotpass.jose.jwk.key import Key

NOW = 1_900_000_000
CLAIMS = {"sub": "42", "exp": NOW + 60}


def segment(content: object) -> str:
    """Base64url of bytes as they are, of text as UTF-8, and of anything else as JSON."""
    if isinstance(content, str):
        content = content.encode()
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def sign_raw(signing_input: str, alg: str, key: Key) -> str:
    """A good signature, whatever the signing input is."""
    material: Any = key.material
    return segment(make_signature(SIGNATURE_ALGORITHMS[alg], material, signing_input.encode()))


def forge(header: object, payload: object, key: Key, alg: str = "HS256") -> str:
    """A token with a good signature over any two segments."""
    signing_input = f"{segment(header)}.{segment(payload)}"
    return f"{signing_input}.{sign_raw(signing_input, alg, key)}"


def forge_hmac(header: object, payload: object, secret: bytes) -> str:
    """An HS256 token under any bytes, also such that no ``Key`` would take."""
    signing_input = f"{segment(header)}.{segment(payload)}"
    return f"{signing_input}.{segment(hmac.digest(secret, signing_input.encode(), 'sha256'))}"
