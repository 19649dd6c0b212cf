"""Keys handed over as text: each verifies with the algorithm of its type, none for encryption is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotpass import jose
from jotpass.keys.given import read_key_ring

EC, RSA, ED = (jose.Key.generate(algorithm) for algorithm in ("ES256", "RS256", "Ed25519"))


def pem(key: jose.Key) -> str:
    """As a secret store holds it."""
    return key.to_pem(private=True).decode()


def jwk(key: jose.Key, **members: Any) -> str:
    """As JSON, with these members, and without those that are None."""
    document = dict(key.to_jwk(private=True)) | members
    return json.dumps({name: value for name, value in document.items() if value is not None})


@pytest.mark.parametrize(
    ("signing", "old", "algorithm", "verifies"),
    [
        (EC, RSA, "ES256", "RS256"),
        (RSA, EC, "PS256", "ES256"),
        (EC, ED, "ES256", "Ed25519"),
        (RSA, jose.Key.generate("RS256"), "PS256", "PS256"),
        (RSA, jose.Key.generate("RS256"), "RS256", "RS256"),
        (ED, jose.Key.generate("ES384"), "Ed25519", "ES384"),
    ],
    ids=["RSA", "EC", "OKP", "RSA beside PS256", "RSA beside RS256", "another curve"],
)
def test_pem_overlaps_when_the_algorithm_changes(
    signing: jose.Key, old: jose.Key, algorithm: str, verifies: str
) -> None:
    """PEM names no algorithm: a key that only verifies has the ring's, or else that of its own type."""
    ring = read_key_ring([pem(signing), pem(old)], algorithm=algorithm)
    assert (ring.signing.alg, [key.alg for key in ring.verification]) == (algorithm, [algorithm, verifies])
    token = jose.sign_jwt({"sub": "42"}, old.replace(alg=verifies, kid=old.thumbprint()))
    assert jose.verify_jwt(token, ring.verification, required=())["sub"] == "42"


def test_a_jwk_says_its_algorithm_itself() -> None:
    """Beside a key of another type, an RSA key for PS256 is written as a JWK."""
    ring = read_key_ring([pem(EC), jwk(RSA, alg="PS256")], algorithm="ES256")
    assert [key.alg for key in ring.verification] == ["ES256", "PS256"]


@pytest.mark.parametrize(
    "text",
    [
        jwk(EC, alg=None, use="enc"),
        jwk(EC, use="enc"),
        jwk(EC, alg="ECDH-ES"),
        jwk(RSA, alg="RSA-OAEP-256", use="enc"),
        jwk(EC, alg=None, key_ops=["deriveKey"]),
        f'{{"keys": [{jwk(EC, alg=None, use="enc")}]}}',
    ],
    ids=["use", "use and alg", "alg", "alg of RSA", "key_ops", "JWK Set"],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_key_for_encryption_is_refused(text: str, first: bool) -> None:
    """It neither signs nor is published as one that verifies, and the error repeats nothing of it."""
    good = pem(jose.Key.generate("ES256"))
    texts = [text, good] if first else [good, text]
    with pytest.raises(ValueError, match=r"cannot be used|for encryption") as refusal:
        read_key_ring(texts, algorithm="ES256")
    assert str(EC.to_jwk(private=True)["d"]) not in str(refusal.value)


def test_the_first_key_may_sign() -> None:
    """A private key whose `key_ops` only verify is found by the check, not by the first sign-in."""
    with pytest.raises(ValueError, match="key_ops"):
        read_key_ring([jwk(EC, key_ops=["verify"])], algorithm="ES256")
    assert read_key_ring([jwk(EC, key_ops=["sign"])], algorithm="ES256").signing.kid == EC.kid


def test_a_key_may_be_named_keys() -> None:
    """A JWK Set is told by its array of keys, wherever else the word stands."""
    named = jwk(EC, kid="keys")
    assert read_key_ring([named], algorithm="ES256").signing.kid == "keys"
    with_member = jwk(EC, keys="few")
    assert read_key_ring([with_member], algorithm="ES256").signing.kid == EC.kid
    ring = read_key_ring([f'{{"keys": [{named}, {jwk(ED)}]}}'], algorithm="ES256")
    assert [key.kid for key in ring.verification] == ["keys", ED.kid]
