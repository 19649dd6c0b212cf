"""The signature algorithms, one frozen row each (RFC 7518 s3, RFC 8037, RFC 8812, RFC 9864).

Nothing elsewhere enumerates algorithms: what a key must be, how long a secret or a signature is, and which
scheme applies is read from the row. ``none`` has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Scheme = Literal["HMAC", "RSASSA-PKCS1-v1_5", "RSASSA-PSS", "ECDSA", "EdDSA"]


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """One ``alg`` value and what it binds.

    Attributes:
        name: The ``alg`` header value, case-sensitive.
        scheme: The signature scheme.
        kty: The key type that it takes.
        curves: The ``crv`` values that it takes; empty where keys have none.
        hash: The digest's name as ``hashlib`` spells it; empty where the scheme brings its own.
        minimum_secret_bytes: The shortest secret of an HMAC (RFC 7518 s3.2); 0 elsewhere.
        signature_bytes: The exact length of a signature; 0 for RSA, where it is the length of the modulus.
        signs: Whether new signatures are made with it; a verify-only algorithm must be listed by name.
    """

    name: str
    scheme: Scheme
    kty: Literal["oct", "RSA", "EC", "OKP"]
    curves: tuple[str, ...] = ()
    hash: str = ""
    minimum_secret_bytes: int = 0
    signature_bytes: int = 0
    signs: bool = True


_ROWS: Final = (
    SignatureAlgorithm("HS256", "HMAC", "oct", hash="sha256", minimum_secret_bytes=32, signature_bytes=32),
    SignatureAlgorithm("HS384", "HMAC", "oct", hash="sha384", minimum_secret_bytes=48, signature_bytes=48),
    SignatureAlgorithm("HS512", "HMAC", "oct", hash="sha512", minimum_secret_bytes=64, signature_bytes=64),
    SignatureAlgorithm("RS256", "RSASSA-PKCS1-v1_5", "RSA", hash="sha256"),
    SignatureAlgorithm("RS384", "RSASSA-PKCS1-v1_5", "RSA", hash="sha384"),
    SignatureAlgorithm("RS512", "RSASSA-PKCS1-v1_5", "RSA", hash="sha512"),
    SignatureAlgorithm("PS256", "RSASSA-PSS", "RSA", hash="sha256"),
    SignatureAlgorithm("PS384", "RSASSA-PSS", "RSA", hash="sha384"),
    SignatureAlgorithm("PS512", "RSASSA-PSS", "RSA", hash="sha512"),
    SignatureAlgorithm("ES256", "ECDSA", "EC", ("P-256",), hash="sha256", signature_bytes=64),
    SignatureAlgorithm("ES384", "ECDSA", "EC", ("P-384",), hash="sha384", signature_bytes=96),
    SignatureAlgorithm("ES512", "ECDSA", "EC", ("P-521",), hash="sha512", signature_bytes=132),
    SignatureAlgorithm("ES256K", "ECDSA", "EC", ("secp256k1",), hash="sha256", signature_bytes=64),
    SignatureAlgorithm("Ed25519", "EdDSA", "OKP", ("Ed25519",), signature_bytes=64),
    SignatureAlgorithm("Ed448", "EdDSA", "OKP", ("Ed448",), signature_bytes=114),
    # Polymorphic and deprecated (RFC 9864 s2.2): the key's curve decides, and so the length of the signature.
    SignatureAlgorithm("EdDSA", "EdDSA", "OKP", ("Ed25519", "Ed448"), signs=False),
)

SIGNATURE_ALGORITHMS: Final[Mapping[str, SignatureAlgorithm]] = MappingProxyType(
    {row.name: row for row in _ROWS}
)
"""Every supported ``alg``, by name; read-only."""
