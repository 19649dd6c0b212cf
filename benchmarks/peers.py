"""The other libraries, called as their documentation says, with everything made beforehand that can be.

Each gets its own key object and the same to check: the signature, `exp`, `iss` and `aud`. The bare call is
what nobody can do without: one call of `cryptography` (for HMAC, of the standard library).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import jwt as pyjwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import JWKRegistry

from benchmarks.figures import JOTPASS
from jotpass import jose
from jotpass.jose.base64url import b64url_decode

if TYPE_CHECKING:
    from benchmarks.rounds import Operation

PYJWT = f"PyJWT {version('PyJWT')}"
JOSERFC = f"joserfc {version('joserfc')}"
BARE = "the bare call"

ISSUER = "https://id.example.org"
AUDIENCE = "https://api.example.org"


@dataclass(frozen=True, slots=True)
class Signer:
    """One key in the form of each library.

    Attributes:
        alg: The algorithm.
        key: Ours.
        pyjwt_alg: PyJWT's name of the algorithm: it does not know the names of RFC 9864 yet.
        pyjwt_key: PyJWT's key object.
        joserfc_key: joserfc's key object.
    """

    alg: str
    key: jose.Key
    pyjwt_alg: str
    pyjwt_key: Any
    joserfc_key: Any

    @classmethod
    def generate(cls, alg: str) -> Signer:
        """Make a key."""
        pyjwt_alg = "EdDSA" if alg == "Ed25519" else alg
        key = jose.Key.generate(alg, kid="2026-01")
        jwk = key.to_jwk(private=True)
        return cls(
            alg=alg,
            key=key,
            pyjwt_alg=pyjwt_alg,
            pyjwt_key=pyjwt.PyJWK.from_dict(jwk | {"alg": pyjwt_alg}, algorithm=pyjwt_alg),
            joserfc_key=JWKRegistry.import_key(jwk),
        )

    def signatures(self, claims: dict[str, Any], typ: str) -> dict[str, Operation]:
        """What each does to sign the claims."""
        headers = {"typ": typ, "kid": self.key.kid}
        sign_compact = partial(joserfc_jwt.encode, headers | {"alg": self.alg}, claims)
        return {
            JOTPASS: partial(jose.sign_jwt, claims, self.key, typ=typ),
            PYJWT: partial(
                pyjwt.encode, claims, self.pyjwt_key.key, algorithm=self.pyjwt_alg, headers=headers
            ),
            JOSERFC: partial(sign_compact, self.joserfc_key, algorithms=[self.alg]),
            BARE: self._bare_signature(claims, typ),
        }

    def verifications(self, claims: dict[str, Any], typ: str) -> dict[str, Operation]:
        """What each does to verify a token with the claims; every one is tried, and must tell the claims."""
        token = jose.sign_jwt(claims, self.key, typ=typ)
        return {
            JOTPASS: self.verification(token, typ),
            PYJWT: self._pyjwt_verification(claims, typ),
            JOSERFC: self._joserfc_verification(token),
            BARE: self._bare_verification(token),
        }

    def verification(self, token: str, typ: str, *, cache_size: int = 0) -> Operation:
        """What Jotpass does to verify a token."""
        verifier = jose.Verifier(
            jose.KeySet([self.key if self.key.kty == "oct" else self.key.public_key()]),
            algorithms=[self.alg],
            issuer=ISSUER,
            audience=AUDIENCE,
            typ=typ,
            cache_size=cache_size,
        )
        assert verifier.verify(token)["iss"] == ISSUER
        return partial(verifier.verify, token)

    def _pyjwt_verification(self, claims: dict[str, Any], typ: str) -> Operation:
        headers = {"typ": typ, "kid": self.key.kid}
        token = pyjwt.encode(claims, self.pyjwt_key.key, algorithm=self.pyjwt_alg, headers=headers)
        jwk = (self.key if self.key.kty == "oct" else self.key.public_key()).to_jwk(
            private=self.key.kty == "oct"
        )
        public = pyjwt.PyJWK.from_dict(jwk | {"alg": self.pyjwt_alg}, algorithm=self.pyjwt_alg)
        verify = partial(
            pyjwt.decode,
            token,
            public,
            algorithms=[self.pyjwt_alg],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iss", "aud"]},
        )
        assert verify() == claims
        return verify

    def _joserfc_verification(self, token: str) -> Operation:
        key, algorithms, decode = self.joserfc_key, [self.alg], joserfc_jwt.decode
        validate = joserfc_jwt.JWTClaimsRegistry(
            exp={"essential": True},
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
        ).validate

        def verify() -> dict[str, Any]:
            claims: dict[str, Any] = decode(token, key, algorithms=algorithms).claims
            validate(claims)
            return claims

        assert verify()["iss"] == ISSUER
        return verify

    def _bare_verification(self, token: str) -> Operation:
        text, _, tail = token.rpartition(".")
        signing_input, signature = text.encode(), b64url_decode(tail)
        public: Any = self.key.verification_material
        if self.key.kty == "oct":
            return partial(hmac.digest, public, signing_input, "sha256")
        if self.key.kty == "RSA":
            return partial(public.verify, signature, signing_input, padding.PKCS1v15(), hashes.SHA256())
        if self.key.kty == "EC":
            r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
            return partial(
                public.verify, encode_dss_signature(r, s), signing_input, ec.ECDSA(hashes.SHA256())
            )
        return partial(public.verify, signature, signing_input)

    def _bare_signature(self, claims: dict[str, Any], typ: str) -> Operation:
        signing_input = jose.sign_jwt(claims, self.key, typ=typ).rpartition(".")[0].encode()
        private: Any = self.key.material
        if self.key.kty == "oct":
            return partial(hmac.digest, private, signing_input, "sha256")
        if self.key.kty == "RSA":
            return partial(private.sign, signing_input, padding.PKCS1v15(), hashes.SHA256())
        if self.key.kty == "EC":
            deterministic = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
            return partial(private.sign, signing_input, deterministic)
        return partial(private.sign, signing_input)
