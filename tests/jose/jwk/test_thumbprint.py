"""Thumbprints (RFC 7638) and their URIs (RFC 9278)."""

from __future__ import annotations

import json

import pytest

from jotpass.jose.jwk.key import Key
from tests.jose.jwk.sample_keys import ALL, ASYMMETRIC, sample
from tests.vectors import read_text

# RFC 8037 appendix A.2 and A.3.
RFC8037_PUBLIC_JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_rfc8037_thumbprint() -> None:
    """RFC 8037 appendix A.3: the thumbprint of an Ed25519 key."""
    assert Key.from_jwk(RFC8037_PUBLIC_JWK).thumbprint() == RFC8037_THUMBPRINT


@pytest.mark.vectors
def test_rfc7638_thumbprint() -> None:
    """RFC 7638 s3.1: the thumbprint of an RSA key."""
    key = Key.from_jwk(read_text("rfc-latchset/rfc7638_3.1.jwk"))

    assert key.thumbprint() == read_text("rfc-latchset/rfc7638_3.1.thp").strip()


@pytest.mark.vectors
def test_rfc9278_uri() -> None:
    """RFC 9278 s3: the same thumbprint as a URI."""
    key = Key.from_jwk(read_text("rfc-latchset/rfc7638_3.1.jwk"))

    assert key.thumbprint_uri() == (
        "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    )
    assert key.thumbprint_uri("sha512").startswith("urn:ietf:params:oauth:jwk-thumbprint:sha-512:")


@pytest.mark.parametrize("alg", ALL)
def test_only_the_required_members_count(alg: str) -> None:
    """kid, use, key_ops, alg and the order of members change nothing (RFC 7638 s3.2)."""
    key = sample(alg)
    other = key.replace(kid="other", use="sig", key_ops=("sign",))
    backwards = json.dumps(dict(reversed(key.to_jwk(private=True).items())))

    assert other.thumbprint() == key.thumbprint() == Key.from_jwk(backwards).thumbprint()


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_both_halves_have_the_same(alg: str) -> None:
    """Private members are no part of a thumbprint (RFC 7638 s3.2.1)."""
    assert sample(alg).public_key().thumbprint("sha384") == sample(alg).thumbprint("sha384")


@pytest.mark.parametrize(("name", "length"), [("sha256", 43), ("sha384", 64), ("sha512", 86)])
def test_other_hashes(name: str, length: int) -> None:
    """Three hashes are offered; the thumbprint has their length in base64url."""
    assert len(sample("ES256").thumbprint(name)) == length


@pytest.mark.parametrize("name", ["md5", "sha1", "SHA256", "sha-256", "", "shake_128"])
def test_weak_and_unknown_hashes_are_refused(name: str) -> None:
    """Any other hash is the programmer's mistake."""
    with pytest.raises(ValueError, match="hash"):
        sample("ES256").thumbprint(name)
    with pytest.raises(ValueError, match="hash"):
        sample("ES256").thumbprint_uri(name)
