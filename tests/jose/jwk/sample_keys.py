"""One fresh private key for each algorithm that signs, made once for a run."""

from __future__ import annotations

from functools import cache

from jotpass.jose.jwk.key import Key

SYMMETRIC = ("HS256", "HS384", "HS512")
RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
ON_CURVES = ("ES256", "ES384", "ES512", "ES256K", "Ed25519", "Ed448")
ASYMMETRIC = ("RS256", *ON_CURVES)
ALL = (*SYMMETRIC, *RSA, *ON_CURVES)


@cache
def sample(alg: str) -> Key:
    """The key of this algorithm; the same one at every call."""
    if alg in RSA and alg != "RS256":
        # Finding primes is slow, and what they sign is no part of them.
        return sample("RS256").replace(alg=alg)
    return Key.generate(alg)


def members(alg: str, *, private: bool = False) -> dict[str, object]:
    """The JWK of the sample, the caller's to change."""
    return sample(alg).to_jwk(private=private)
