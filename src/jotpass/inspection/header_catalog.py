"""What each member of a JOSE Header means, and what its values stand for (RFC 7515 s4, RFC 7516 s4)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from jotpass.inspection.claim_catalog import Claim
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.header import media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jotpass.jose.algorithms import SignatureAlgorithm

_MEMBERS: Final = (
    Claim("alg", "how it is signed, or its key encrypted", "RFC 7515 s4.1.1"),
    Claim("jku", "URL of a JWK Set", "RFC 7515 s4.1.2"),
    Claim("jwk", "a public key", "RFC 7515 s4.1.3", "object"),
    Claim("kid", "which key to verify it with", "RFC 7515 s4.1.4"),
    Claim("x5u", "URL of a certificate", "RFC 7515 s4.1.5"),
    Claim("x5c", "a certificate chain", "RFC 7515 s4.1.6", "strings"),
    Claim("x5t", "SHA-1 thumbprint of a certificate", "RFC 7515 s4.1.7"),
    Claim("x5t#S256", "SHA-256 thumbprint of a certificate", "RFC 7515 s4.1.8"),
    Claim("typ", "what kind of token it is", "RFC 7515 s4.1.9"),
    Claim("cty", "what its content is", "RFC 7515 s4.1.10"),
    Claim("crit", "extensions that must be understood", "RFC 7515 s4.1.11", "strings"),
    Claim("b64", "whether the payload is base64url", "RFC 7797 s3", "boolean"),
    Claim("enc", "how the content is encrypted", "RFC 7516 s4.1.2"),
    Claim("zip", "how the content is compressed", "RFC 7516 s4.1.3"),
    Claim("epk", "ephemeral public key", "RFC 7518 s4.6.1.1", "object"),
    Claim("apu", "who wrote it", "RFC 7518 s4.6.1.2"),
    Claim("apv", "who shall read it", "RFC 7518 s4.6.1.3"),
    Claim("iv", "initialization vector of the key", "RFC 7518 s4.7.1.1"),
    Claim("tag", "authentication tag of the key", "RFC 7518 s4.7.1.2"),
    Claim("p2s", "salt of the password", "RFC 7518 s4.8.1.1"),
    Claim("p2c", "rounds of PBKDF2", "RFC 7518 s4.8.1.2", "number"),
    Claim("iss", "who issued it", "RFC 7519 s5.3"),
    Claim("sub", "whom it is about", "RFC 7519 s5.3"),
    Claim("aud", "whom it is for", "RFC 7519 s5.3", "audience"),
    Claim("nonce", "makes it unique", "RFC 8555 s6.5.2"),
    Claim("url", "URL it is sent to", "RFC 8555 s6.4.1"),
)

HEADER_MEMBERS: Final[Mapping[str, Claim]] = MappingProxyType({member.name: member for member in _MEMBERS})
"""Every header member that is known, by name; read-only."""

TOKEN_TYPES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        media_type(typ): (meaning, reference)
        for typ, meaning, reference in (
            ("JWT", "a JWT of any kind", "RFC 7519 s5.1"),
            ("JOSE", "JWS or JWE in compact form", "RFC 7515 s4.1.9"),
            ("JOSE+JSON", "JWS or JWE in JSON", "RFC 7515 s4.1.9"),
            ("at+jwt", "an access token", "RFC 9068 s2.1"),
            ("rt+jwt", "a refresh token", "Jotpass"),
            ("dpop+jwt", "a DPoP proof", "RFC 9449 s4.2"),
            ("logout+jwt", "a logout token", "OIDC Back-Channel Logout s2.4"),
            ("secevent+jwt", "a security event token", "RFC 8417 s2.3"),
            ("oauth-authz-req+jwt", "an authorization request", "RFC 9101 s4"),
            ("token-introspection+jwt", "an introspection response", "RFC 9701 s5"),
            ("kb+jwt", "the key binding of an SD-JWT", "RFC 9901 s4.3"),
            ("dc+sd-jwt", "a verifiable credential", "SD-JWT VC s2.2.1"),
        )
    }
)
"""What a ``typ`` stands for and where that is specified, by its media type; read-only."""

ENCRYPTION_ALGORITHMS: Final = frozenset(
    {"RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "A128KW", "A192KW", "A256KW", "dir"}
    | {"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW"}
    | {"PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"}
)
"""Key management algorithms of a JWE (RFC 7518 s4.1) but the broken one."""


def describe_member(name: str, value: object) -> tuple[str, str]:
    """Say what a header member means; for an algorithm or a type, what this one is.

    Returns:
        The meaning and its reference, both empty if the name is not known.
    """
    member = HEADER_MEMBERS.get(name)
    if member is None:
        return "", ""
    if isinstance(value, str):
        if name == "alg" and (row := SIGNATURE_ALGORITHMS.get(value)):
            return _describe_algorithm(row), _algorithm_reference(row)
        if name == "typ" and (known := TOKEN_TYPES.get(media_type(value))):
            return known
    return member.meaning, member.reference


def _describe_algorithm(row: SignatureAlgorithm) -> str:
    digest = f" with {row.hash.upper().replace('SHA', 'SHA-')}" if row.hash else ""
    curve = f" on {' or '.join(row.curves)}" if row.curves else ""
    secret = ", one shared secret" if row.scheme == "HMAC" else ""
    return f"{row.scheme}{curve}{digest}{secret}"


def _algorithm_reference(row: SignatureAlgorithm) -> str:
    if row.scheme == "EdDSA":
        return "RFC 9864 s2.2"
    return "RFC 8812 s3.2" if row.name == "ES256K" else "RFC 7518 s3.1"
