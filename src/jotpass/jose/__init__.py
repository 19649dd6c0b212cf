"""The JOSE core: signed tokens and keys on the standard library and ``cryptography`` alone (RFC 7515-7519).

It knows no framework. Every refusal of a key or a token is a ``JoseError`` with a stable ``code``.
"""

from __future__ import annotations

from jotpass.jose import jws
from jotpass.jose.errors import (
    AlgorithmNotAllowed,
    AudienceMismatch,
    ClaimInvalid,
    ClaimMissing,
    ClaimRefused,
    CritUnsupported,
    HeaderInvalid,
    IssuerMismatch,
    JoseError,
    KeyAmbiguous,
    KeyInvalid,
    KeyMismatch,
    KeyNotFound,
    KeyRefused,
    KeyUnsupported,
    KeyWeak,
    SignatureInvalid,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
    TokenNotYetValid,
    TokenTooLarge,
    TokenWrongType,
)
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_set import KeySet
from jotpass.jose.jwt.claims import ClaimsSet
from jotpass.jose.jwt.peek import Unverified, peek_unverified
from jotpass.jose.jwt.sign import sign_jwt
from jotpass.jose.jwt.verify import Verifier, verify_jwt

__all__ = [
    "AlgorithmNotAllowed",
    "AudienceMismatch",
    "ClaimInvalid",
    "ClaimMissing",
    "ClaimRefused",
    "ClaimsSet",
    "CritUnsupported",
    "HeaderInvalid",
    "IssuerMismatch",
    "JoseError",
    "Key",
    "KeyAmbiguous",
    "KeyInvalid",
    "KeyMismatch",
    "KeyNotFound",
    "KeyRefused",
    "KeySet",
    "KeyUnsupported",
    "KeyWeak",
    "SignatureInvalid",
    "TokenExpired",
    "TokenInvalid",
    "TokenMalformed",
    "TokenNotYetValid",
    "TokenTooLarge",
    "TokenWrongType",
    "Unverified",
    "Verifier",
    "jws",
    "peek_unverified",
    "sign_jwt",
    "verify_jwt",
]
