"""Symmetric keys: their length, and that no other key is taken for one (RFC 7518 s3.2, RFC 8725 s3.5)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.base64url import b64url_encode
from jotpass.jose.errors import KeyInvalid, KeyMismatch, KeyWeak
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_set import KeySet
from tests.jose.jwk.certificates import certificate
from tests.jose.jwk.sample_keys import ASYMMETRIC, members, sample


@pytest.mark.parametrize(("alg", "size"), [("HS256", 32), ("HS384", 48), ("HS512", 64), (None, 32)])
def test_secret_is_as_long_as_the_hash(alg: str | None, size: int) -> None:
    """A secret shorter than the hash of its algorithm is weak, hard and by default (RFC 7518 s3.2)."""
    assert Key.from_secret(b"k" * size, alg=alg).material == b"k" * size
    for short in (b"k" * (size - 1), b"k", b""):
        with pytest.raises(KeyWeak):
            Key.from_secret(short, alg=alg)
        with pytest.raises(KeyWeak):
            Key.from_jwk({"kty": "oct", "k": b64url_encode(short)} | ({"alg": alg} if alg else {}))


def test_weak_secret_needs_the_named_allowance() -> None:
    """allow_weak admits a short secret and says so; an empty one is refused still."""
    key = Key.from_secret(b"short", alg="HS256", allow_weak=True)

    assert (key.material, key.allow_weak) == (b"short", True)
    assert Key.from_secret(b"k" * 32).allow_weak is False
    with pytest.raises(KeyWeak):
        Key.from_secret(b"", allow_weak=True)


def test_no_jwk_can_claim_the_allowance() -> None:
    """What a document says never makes a short secret acceptable."""
    with pytest.raises(KeyWeak):
        Key.from_jwk({"kty": "oct", "k": "c2hvcnQ", "allow_weak": True})


@pytest.mark.parametrize("alg", ["A128KW", "A128GCM", "dir"])
def test_encryption_keys_may_have_16_bytes(alg: str) -> None:
    """A key bound to an encryption algorithm signs nothing, so its length is not measured as an HMAC's."""
    assert Key.from_jwk({"kty": "oct", "k": b64url_encode(b"k" * 16), "alg": alg}).alg == alg
    with pytest.raises(KeyWeak):
        Key.from_jwk({"kty": "oct", "k": b64url_encode(b"k" * 15), "alg": alg})


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA", "Ed25519"])
def test_secret_is_for_hmac_alone(alg: str) -> None:
    """A secret is never bound to an asymmetric algorithm."""
    with pytest.raises(KeyMismatch):
        Key.from_secret(b"k" * 64, alg=alg)


@pytest.mark.parametrize("secret", ["k" * 64, "", None, 5, bytearray(64), ["k"]])
def test_text_is_no_secret(secret: Any) -> None:
    """A secret is bytes; text is a TypeError, whatever is allowed (RFC 8725 s3.5)."""
    with pytest.raises(TypeError):
        Key.from_secret(secret)
    with pytest.raises(TypeError):
        Key.from_secret(secret, alg="HS256", allow_weak=True)


@pytest.mark.parametrize("k", [None, 5, ["a"], "a" * 63 + "=", "é" * 64, "a b" * 30])
def test_k_is_base64url(k: Any) -> None:
    """K is a string of canonical base64url (RFC 7518 s6.4.1)."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({"kty": "oct", "k": k})
    with pytest.raises(KeyInvalid):
        Key.from_jwk({"kty": "oct"})


def disguises(alg: str) -> dict[str, bytes]:
    """The forms in which a public or private key has been passed off as an HMAC secret."""
    key = sample(alg)
    pem, der = key.to_pem(), key.to_der()
    jwk = json.dumps(key.to_jwk()).encode()
    return {
        "public PEM": pem,
        "private PEM": key.to_pem(private=True),
        "encrypted PEM": key.to_pem(private=True, password=b"secret"),
        "PEM after white space": b"\n \t" + pem,
        "PEM without its last line": pem.strip(),
        "PEM with CRLF": pem.replace(b"\n", b"\r\n"),
        "PEM in one line": pem.replace(b"\n", b"\\n"),
        "PEM after a comment": b"# our key\n" + pem,
        "PEM after a byte order mark": b"\xef\xbb\xbf" + pem,
        "damaged PEM": pem.replace(b"END", b"EMD"),
        "body of a PEM": b"".join(pem.splitlines()[1:-1]),
        "body of a PEM in lines": b"\n".join(pem.splitlines()[1:-1]),
        "DER in base64url": base64.urlsafe_b64encode(der).rstrip(b"="),
        "public DER": der,
        "private DER": key.to_der(private=True),
        "encrypted DER": key.to_der(private=True, password=b"secret"),
        "DER and a newline": der + b"\n",
        "DER and anything": der + b"anything",
        "private DER after white space": b"\n " + key.to_der(private=True) + b"\r\n",
        "JWK": jwk,
        "JWK after white space": b"\r\n " + jwk + b"\n",
        "JWK with a duplicate member": jwk[:-1] + b', "kid": "again"}',
        "JWK Set": KeySet([key]).to_json().encode(),
        "indented JWK Set": json.dumps({"keys": [key.to_jwk()]}, indent=2).encode(),
    }


@pytest.mark.parametrize("alg", ASYMMETRIC)
@pytest.mark.parametrize("disguise", disguises("ES256"))
def test_asymmetric_key_is_no_secret(alg: str, disguise: str) -> None:
    """Algorithm confusion: no form of a key is an HMAC secret, not even with allow_weak (CVE-2022-29217)."""
    secret = disguises(alg)[disguise]

    for allow_weak in (False, True):
        with pytest.raises(KeyInvalid):
            Key.from_secret(secret, allow_weak=allow_weak)
    with pytest.raises(KeyInvalid):
        Key.from_jwk({"kty": "oct", "k": b64url_encode(secret)})


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_certificate_is_no_secret(encoding: Encoding) -> None:
    """An X.509 certificate is public, in whatever encoding."""
    with pytest.raises(KeyInvalid):
        Key.from_secret(certificate(sample("ES256")).public_bytes(encoding))


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
def test_openssh_key_is_no_secret(alg: str) -> None:
    """Neither half of an OpenSSH key is a secret."""
    key: Any = sample(alg).material
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)

    for form in (public, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())):
        with pytest.raises(KeyInvalid):
            Key.from_secret(form)


@given(st.binary(min_size=32, max_size=300))
def test_random_bytes_are_a_secret(secret: bytes) -> None:
    """Bytes that are no key in disguise are taken as they are."""
    assert Key.from_secret(secret).material == secret


@pytest.mark.parametrize(
    "secret",
    [
        b"0123456789abcdef" * 4,
        b"{not json at all, but thirty-two bytes}",
        b'{"some": "json object, though no key at all"}',
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        b"{" * 100_000,
        b"\x30" * 64,
        b"django-insecure-abcdefghijklmnopqrstuvwxyz0123456789",
        base64.b64encode(b"\x30" + b"k" * 47),
    ],
)
def test_secrets_that_resemble_keys_are_taken(secret: bytes) -> None:
    """Only what can be read as a key is refused, not what looks a little like one."""
    assert Key.from_secret(secret).material == secret


def test_jwk_of_a_secret_round_trips() -> None:
    """A symmetric JWK is written with private=True and read again."""
    assert Key.from_jwk(members("HS512", private=True)) == sample("HS512")
