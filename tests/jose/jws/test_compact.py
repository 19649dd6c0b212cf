"""Signing and verifying the compact serialization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose import Key, KeySet, jws
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_decode
from jotpass.jose.errors import KeyMismatch, TokenTooLarge, TokenWrongType
from jotpass.jose.jws import signing
from jotpass.jose.jws.compact import MAX_KNOWN_HEADERS, HeaderVerifier, read_compact
from jotpass.jose.jws.key_choice import KeyChoice
from jotpass.jose.limits import MAX_HEADER_LENGTH, MAX_KID_LENGTH, MAX_TOKEN_LENGTH
from tests.jose.forging import forge, segment
from tests.jose.jwk.sample_keys import ALL, ASYMMETRIC, sample

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes

KEY = sample("HS256")


@pytest.mark.parametrize("alg", ALL)
def test_round_trip(alg: str) -> None:
    """What every algorithm signs, it verifies; the result says what was signed and by which key."""
    key = sample(alg)
    token = jws.sign_compact(b"\x00\xffpayload", key, typ="example")
    for keys in (key, KeySet([key])):
        for form in (token, token.encode()):
            verified = jws.verify_compact(form, keys)
            assert verified.payload == b"\x00\xffpayload"
            assert verified.header == {"alg": alg, "typ": "example", "kid": key.kid}
            assert verified.key == key


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_public_half_verifies(alg: str) -> None:
    """Verifying needs nothing private."""
    token = jws.sign_compact(b"payload", sample(alg))
    assert jws.verify_compact(token, sample(alg).public_key()).payload == b"payload"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_payload(payload: bytes) -> None:
    """The empty ones too."""
    assert jws.verify_compact(jws.sign_compact(payload, KEY), KEY).payload == payload


@pytest.mark.parametrize("alg", ALL)
def test_signature_has_the_length_of_its_algorithm(alg: str) -> None:
    """Raw signatures of fixed length (RFC 7518 s3.2 to s3.5, RFC 8032)."""
    signature = b64url_decode(jws.sign_compact(b"payload", sample(alg)).rpartition(".")[2])
    assert len(signature) == (SIGNATURE_ALGORITHMS[alg].signature_bytes or 256)


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512", "ES256K", "Ed25519", "Ed448", "RS256", "HS256"])
def test_signatures_are_deterministic(alg: str) -> None:
    """RFC 8725 s3.2: no signature rests on the random numbers of the moment."""
    assert jws.sign_compact(b"payload", sample(alg)) == jws.sign_compact(b"payload", sample(alg))


def test_old_openssl_signs_with_random_nonces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 3.2 it cannot derive them; its signatures verify like any other."""

    class OldEcdsa(ec.ECDSA):
        def __init__(self, algorithm: hashes.HashAlgorithm, *, deterministic_signing: bool = False) -> None:
            if deterministic_signing:
                raise UnsupportedAlgorithm("not with this OpenSSL")
            super().__init__(algorithm)

    monkeypatch.setattr(ec, "ECDSA", OldEcdsa)
    signing._deterministic_ecdsa.cache_clear()
    try:
        first, second = (jws.sign_compact(b"payload", sample("ES256")) for _ in range(2))
    finally:
        signing._deterministic_ecdsa.cache_clear()
    assert first != second
    assert jws.verify_compact(first, sample("ES256")).payload == b"payload"


def test_header_members_of_the_caller() -> None:
    """They are added; ``kid`` may be another than the key's."""
    token = jws.sign_compact(b"", KEY, headers={"kid": "other", "cty": "text", "x": [1]})
    assert jws.verify_compact(token, KEY).header == {"alg": "HS256", "kid": "other", "cty": "text", "x": [1]}


def test_kid_of_the_key_is_written() -> None:
    """A key with an id is named in the header, one without is not."""
    assert "kid" not in jws.verify_compact(jws.sign_compact(b"", KEY.replace(kid=None)), KEY).header
    assert jws.verify_compact(jws.sign_compact(b"", KEY.replace(kid="k")), KEY).header["kid"] == "k"


def test_any_type_is_accepted_unless_one_is_expected() -> None:
    """A JWS has no type of its own."""
    for headers in ({"typ": "a+jws"}, {}):
        token = jws.sign_compact(b"", KEY, **headers)  # type: ignore[arg-type]
        assert jws.verify_compact(token, KEY).payload == b""
    assert (
        jws.verify_compact(jws.sign_compact(b"", KEY, typ="A"), KEY, typ="application/a").header["typ"] == "A"
    )
    with pytest.raises(TokenWrongType):
        jws.verify_compact(jws.sign_compact(b"", KEY, typ="a"), KEY, typ="b")


@pytest.mark.parametrize("payload", ["text", None, 1, {"a": 1}, bytearray(b"x")])
def test_only_bytes_are_signed(payload: Any) -> None:
    """What else there is has no one form in bytes."""
    with pytest.raises(TypeError):
        jws.sign_compact(payload, KEY)


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": 1},
        {"kid": None},
        {"kid": "k" * (MAX_KID_LENGTH + 1)},
        {"cty": ["JWT"]},
        {"x": float("nan")},
        {"x": "\ud800"},
        {"x": "x" * MAX_HEADER_LENGTH},
        {"alg": "HS256"},
        {"typ": "JWT"},
    ],
)
def test_header_that_no_reader_would_take_is_not_written(headers: dict[str, Any]) -> None:
    """A mistake in ``headers`` is found when signing."""
    with pytest.raises(ValueError, match=r".+"):
        jws.sign_compact(b"", KEY, headers=headers)


def test_oversized_token_is_not_written() -> None:
    """Nobody with our limits would read it."""
    with pytest.raises(TokenTooLarge):
        jws.sign_compact(b"x" * MAX_TOKEN_LENGTH, KEY)


@pytest.mark.parametrize("algorithm", ["HS512", "RS256", "ES256"])
def test_key_signs_with_its_own_algorithm_alone(algorithm: str) -> None:
    """One that is named must fit."""
    with pytest.raises(KeyMismatch):
        jws.sign_compact(b"", KEY, algorithm=algorithm)
    assert jws.verify_compact(jws.sign_compact(b"", KEY, algorithm="HS256"), KEY).payload == b""


def test_parts_of_a_compact_serialization() -> None:
    """Signing input, header segment, payload and signature, in this order."""
    token = forge({"alg": "HS256"}, b"payload", KEY)
    header, payload, signature = token.split(".")
    assert read_compact(token) == (
        f"{header}.{payload}".encode(),
        header.encode(),
        b"payload",
        b64url_decode(signature),
    )


def test_headers_are_remembered_only_after_a_good_signature() -> None:
    """An attacker cannot fill the memory, and an issuer with many headers cannot grow it."""
    headers = HeaderVerifier(KeyChoice(KEY, None), None)

    def see(token: str) -> None:
        signing_input, header, _, signature = read_compact(token)
        headers.verify(header, signing_input, signature)

    for number in range(3 * MAX_KNOWN_HEADERS):
        forged = forge({"alg": "HS256", "n": number}, b"", Key.generate("HS256"))
        with pytest.raises(Exception, match="does not verify"):
            see(forged)
    assert not headers.known
    for number in range(3 * MAX_KNOWN_HEADERS):
        see(forge({"alg": "HS256", "n": number}, b"", KEY))
        assert len(headers.known) <= MAX_KNOWN_HEADERS
    assert segment({"alg": "HS256", "n": number}).encode() in headers.known


def test_header_of_the_wrong_type_is_not_remembered() -> None:
    """Its signature may be good: it is refused the second time as the first."""
    headers = HeaderVerifier(KeyChoice(KEY, None), frozenset({"application/a"}))
    signing_input, header, _, signature = read_compact(jws.sign_compact(b"", KEY, typ="b"))
    for _ in range(2):
        with pytest.raises(TokenWrongType):
            headers.verify(header, signing_input, signature)
    assert not headers.known
