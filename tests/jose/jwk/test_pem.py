"""PEM and DER: what is read, what is refused, and how clearly (RFC 7468)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.errors import JoseError, KeyInvalid, KeyMismatch, KeyUnsupported, KeyWeak
from jotpass.jose.jwk.key import Key
from tests.jose.jwk.certificates import certificate
from tests.jose.jwk.sample_keys import ASYMMETRIC, sample

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = b"correct horse"


def private_bytes(alg: str, encoding: Encoding, form: PrivateFormat, password: bytes | None = None) -> bytes:
    """Serialize a sample in one of the library's forms."""
    key: Any = sample(alg).material
    written: bytes = key.private_bytes(
        encoding, form, BestAvailableEncryption(password) if password else NoEncryption()
    )
    return written


@pytest.mark.parametrize("alg", ASYMMETRIC)
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_private_key_round_trip(alg: str, password: bytes | None) -> None:
    """A private key survives PEM and DER, with and without a password."""
    key = sample(alg)
    pem, der = (write(private=True, password=password) for write in (key.to_pem, key.to_der))

    assert pem.startswith(
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----" if password else b"-----BEGIN PRIVATE KEY-----"
    )
    assert Key.from_pem(pem, password, alg=alg, kid=key.kid) == key
    assert Key.from_pem(pem.decode(), password, alg=alg, kid=key.kid) == key
    assert Key.from_der(der, password, alg=alg, kid=key.kid) == key


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_public_key_round_trip(alg: str) -> None:
    """A public key survives PEM and DER; without private=True a private key writes its public half."""
    key = sample(alg)

    assert key.to_pem().startswith(b"-----BEGIN PUBLIC KEY-----")
    assert key.to_pem() == key.public_key().to_pem()
    assert Key.from_pem(key.to_pem(), alg=alg, kid=key.kid) == key.public_key()
    assert Key.from_der(key.to_der(), alg=alg, kid=key.kid) == key.public_key()


@pytest.mark.parametrize("alg", ["RS256", "ES256", "ES512"])
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_traditional_forms_are_read(alg: str, password: bytes | None) -> None:
    """PKCS#1 and SEC 1 private keys are read, encrypted the old way or not."""
    pem = private_bytes(alg, Encoding.PEM, PrivateFormat.TraditionalOpenSSL, password)

    assert Key.from_pem(pem, password, alg=alg, kid=sample(alg).kid) == sample(alg)
    if password is None:
        der = private_bytes(alg, Encoding.DER, PrivateFormat.TraditionalOpenSSL)
        assert Key.from_der(der, alg=alg, kid=sample(alg).kid) == sample(alg)


def test_pkcs1_public_key_is_read() -> None:
    """RSA PUBLIC KEY is read like PUBLIC KEY."""
    public = sample("RS256").public_key()
    material: Any = public.material
    pem, der = (
        material.public_bytes(encoding, PublicFormat.PKCS1) for encoding in (Encoding.PEM, Encoding.DER)
    )

    assert Key.from_pem(pem, alg="RS256", kid=public.kid) == public
    assert Key.from_der(der, alg="RS256", kid=public.kid) == public


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
def test_certificate_gives_its_public_key(alg: str) -> None:
    """Of a certificate that the caller names, the public key is taken; nothing in it is verified."""
    public = sample(alg).public_key()
    cert = certificate(sample(alg))

    assert Key.from_pem(cert.public_bytes(Encoding.PEM), alg=alg, kid=public.kid) == public
    assert Key.from_der(cert.public_bytes(Encoding.DER), alg=alg, kid=public.kid) == public


def test_parameters_before_the_key_are_passed_over() -> None:
    """`openssl ecparam -genkey` writes EC PARAMETERS first; the key is read all the same."""
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    pem = parameters + private_bytes("ES256", Encoding.PEM, PrivateFormat.TraditionalOpenSSL)

    assert Key.from_pem(pem).thumbprint() == sample("ES256").thumbprint()


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
def test_wrong_password_is_a_clear_refusal(alg: str) -> None:
    """A password that is wrong, missing, or not needed is refused, and the text says which."""
    key = sample(alg)
    locked, open_, public = (
        key.to_pem(private=True, password=PASSWORD),
        key.to_pem(private=True),
        key.to_pem(),
    )

    with pytest.raises(KeyInvalid, match="password is wrong"):
        Key.from_pem(locked, b"wrong")
    with pytest.raises(KeyInvalid, match="password is needed"):
        Key.from_pem(locked)
    for unlocked in (open_, public, certificate(key).public_bytes(Encoding.PEM)):
        with pytest.raises(KeyInvalid, match="none is needed"):
            Key.from_pem(unlocked, PASSWORD)


def test_wrong_password_for_der_is_a_clear_refusal() -> None:
    """The same for DER."""
    key = sample("ES256")

    with pytest.raises(KeyInvalid, match="password is wrong"):
        Key.from_der(key.to_der(private=True, password=PASSWORD), b"wrong")
    with pytest.raises(KeyInvalid, match="password is needed"):
        Key.from_der(key.to_der(private=True, password=PASSWORD))
    for unlocked in (
        key.to_der(private=True),
        key.to_der(),
        certificate(key).public_bytes(Encoding.DER),
    ):
        with pytest.raises(KeyInvalid, match="none is needed"):
            Key.from_der(unlocked, PASSWORD)


@pytest.mark.parametrize("password", ["text", 5, bytearray(b"x")])
def test_password_is_bytes(password: Any) -> None:
    """A password is bytes; text is a TypeError, when reading as when writing."""
    key = sample("ES256")

    for call in (
        lambda: Key.from_pem(key.to_pem(private=True), password),
        lambda: Key.from_der(key.to_der(private=True), password),
        lambda: key.to_pem(private=True, password=password),
    ):
        with pytest.raises(TypeError):
            call()


def test_documents_are_bytes() -> None:
    """DER is bytes; PEM may be text, for that is what it is."""
    wrong: Any
    for wrong in (None, 5, sample("ES256"), bytearray(sample("ES256").to_pem())):
        with pytest.raises(TypeError):
            Key.from_pem(wrong)
        with pytest.raises(TypeError):
            Key.from_der(wrong)
    text: Any = "text"
    with pytest.raises(TypeError):
        Key.from_der(text)


def test_password_goes_with_the_private_key() -> None:
    """A password without private=True is a mistake: nothing would be encrypted."""
    with pytest.raises(ValueError, match="private=True"):
        sample("ES256").to_pem(password=PASSWORD)
    with pytest.raises(ValueError, match="Password"):
        sample("ES256").to_pem(private=True, password=b"")


def test_openssh_form_is_refused_with_advice() -> None:
    """OpenSSH's own format is not read; the text says how to convert it."""
    with pytest.raises(KeyUnsupported, match="ssh-keygen"):
        Key.from_pem(private_bytes("Ed25519", Encoding.PEM, PrivateFormat.OpenSSH))


def unsupported() -> dict[str, Callable[[], Any]]:
    """Keys of other types and curves."""
    return {
        "DSA": lambda: dsa.generate_private_key(2048),
        "P-224": lambda: ec.generate_private_key(ec.SECP224R1()),
        "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
    }


@pytest.mark.parametrize("name", unsupported())
def test_other_keys_are_unsupported(name: str) -> None:
    """DSA and other curves are refused as unsupported, private and public, PEM and DER."""
    key = unsupported()[name]()

    for encoding, read in ((Encoding.PEM, Key.from_pem), (Encoding.DER, Key.from_der)):
        read_key: Any = read
        with pytest.raises(KeyUnsupported):
            read_key(key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(KeyUnsupported):
            read_key(key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo))


def test_short_rsa_keys_are_weak_from_pem_too() -> None:
    """Every way in has the same guard."""
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the point of the test

    with pytest.raises(KeyWeak):
        Key.from_pem(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyWeak):
        Key.from_der(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_algorithm_must_fit_the_key() -> None:
    """A key read from PEM is bound to an algorithm of its type and curve only."""
    with pytest.raises(KeyMismatch):
        Key.from_pem(sample("ES256").to_pem(), alg="ES384")
    with pytest.raises(KeyMismatch):
        Key.from_der(sample("RS256").to_der(), alg="HS256")


def test_one_document_holds_one_key() -> None:
    """Two blocks are ambiguous: nobody guesses which one was meant."""
    one, two = sample("ES256").to_pem(), sample("RS256").to_pem()

    for several in (one + two, one + sample("ES256").to_pem(private=True)):
        with pytest.raises(KeyInvalid, match="several"):
            Key.from_pem(several)


def test_text_around_the_block_is_ignored() -> None:
    """Explanatory text outside the block is allowed (RFC 7468 s2)."""
    pem = b"Our key, 2026\r\n\r\n" + sample("ES256").to_pem().replace(b"\n", b"\r\n") + b"\nend\n"

    assert Key.from_pem(pem).thumbprint() == sample("ES256").thumbprint()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"nonsense",
        b"-----BEGIN PUBLIC KEY-----",
        b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PUBLIC KEY-----\n" + b"A" * 100_000 + b"\n-----END PUBLIC KEY-----\n",
        "-----BEGIN ÉTÉ-----",
    ],
)
def test_malformed_pem_is_refused(document: bytes | str) -> None:
    """What is no PEM, or a broken one, is invalid."""
    with pytest.raises(KeyInvalid):
        Key.from_pem(document)


@pytest.mark.parametrize(
    "label", ["CERTIFICATE REQUEST", "DSA PRIVATE KEY", "X509 CRL", "PKCS7", "DH PARAMETERS"]
)
def test_other_blocks_are_unsupported(label: str) -> None:
    """Other PEM blocks are named as unsupported."""
    with pytest.raises(KeyUnsupported):
        Key.from_pem(f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n")


def test_lone_surrogate_in_pem_text_is_refused() -> None:
    """Text that cannot be encoded is no PEM, and no foreign exception."""
    with pytest.raises(KeyInvalid):
        Key.from_pem("-----BEGIN PUBLIC KEY-----\ud800")


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(data: bytes) -> None:
    """Any bytes end in a key or a JoseError, as PEM, inside a PEM frame, and as DER."""
    framed = b"-----BEGIN PRIVATE KEY-----\n" + data + b"\n-----END PRIVATE KEY-----\n"

    for read, document in ((Key.from_pem, data), (Key.from_pem, framed), (Key.from_der, data)):
        with pytest.raises(JoseError):
            read(document)


@given(st.data(), st.sampled_from(["RS256", "ES256", "Ed25519"]), st.booleans())
def test_damaged_der_is_judged(data: st.DataObject, alg: str, private: bool) -> None:
    """A key with one byte changed ends in a key or a JoseError."""
    der = bytearray(sample(alg).to_der(private=private))
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))

    with suppress(JoseError):
        assert Key.from_der(bytes(der)).kty in {"RSA", "EC", "OKP"}


def test_mismatched_halves_in_der_are_refused() -> None:
    """An EC private key that carries another point as its public half is refused."""
    der = private_bytes("ES256", Encoding.DER, PrivateFormat.TraditionalOpenSSL)
    other: Any = Key.generate("ES256").verification_material
    foreign = der[:-65] + other.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    with pytest.raises(KeyInvalid):
        Key.from_der(foreign)


def test_every_damaged_byte_of_a_private_key_is_judged() -> None:
    """OpenSSL has an internal error for some of them, which is told as a key that is invalid."""
    der = Key.generate("Ed25519").to_der(private=True)
    for position in range(len(der)):
        for value in range(256):
            with suppress(JoseError):
                Key.from_der(der[:position] + bytes([value]) + der[position + 1 :])
