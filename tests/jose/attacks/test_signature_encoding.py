"""Attacks on signatures and how they are written down (RFC 7515 s2, RFC 7518 s3, RFC 8032 s5.1.7)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from jotpass import jose
from jotpass.jose import Key
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_decode
from jotpass.jose.errors import JoseError, SignatureInvalid, TokenMalformed
from jotpass.jose.jws import signing
from tests.jose.forging import CLAIMS, NOW, forge, segment
from tests.jose.jwk.sample_keys import ALL, sample

if TYPE_CHECKING:
    from collections.abc import Callable

ECDSA = ("ES256", "ES384", "ES512", "ES256K")
# SEC 2: the order of each base point.
ORDERS = {
    "ES256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ES384": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
    "ES512": 2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    "ES256K": 2**256 - 0x14551231950B75FC4402DA1732FC9BEBF,
}
# RFC 8032 s5.1: the order of Ed25519's base point.
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def signed(alg: str) -> tuple[str, bytes]:
    """A token's signing input and its raw signature."""
    signing_input, _, signature = jose.sign_jwt(CLAIMS, sample(alg)).rpartition(".")
    return signing_input, b64url_decode(signature)


def verify(alg: str, signing_input: str, signature: bytes) -> jose.ClaimsSet:
    """Verify a token put together from its parts."""
    return jose.verify_jwt(f"{signing_input}.{segment(signature)}", sample(alg), now=NOW)


@pytest.mark.parametrize("alg", ECDSA)
def test_psychic_signatures_are_refused(alg: str) -> None:
    """CVE-2022-21449: halves that are zero, the order, or beyond it."""
    signing_input, signature = signed(alg)
    half, order = len(signature) // 2, ORDERS[alg]
    verify(alg, signing_input, signature)
    r, s = signature[:half], signature[half:]
    top = 2 ** (8 * half) - 1
    bad = [value.to_bytes(half) for value in (0, order, order + 1, top)]
    for forged in [*(x + y for x in bad for y in bad), *(r + x for x in bad), *(x + s for x in bad)]:
        with pytest.raises(SignatureInvalid):
            verify(alg, signing_input, forged)


@pytest.mark.parametrize("alg", ECDSA)
def test_signature_half_plus_the_order_is_refused(alg: str) -> None:
    """Where there is room, r + n and s + n are other spellings of the same numbers."""
    signing_input, signature = signed(alg)
    half, order = len(signature) // 2, ORDERS[alg]
    for at in (0, half):
        number = int.from_bytes(signature[at : at + half]) + order
        if number < 2 ** (8 * half):
            forged = signature[:at] + number.to_bytes(half) + signature[at + half :]
            with pytest.raises(SignatureInvalid):
                verify(alg, signing_input, forged)


@pytest.mark.parametrize("alg", ECDSA)
def test_der_signature_is_refused(alg: str) -> None:
    """JOSE signatures are raw (RFC 7518 s3.4): what OpenSSL would take is not."""
    signing_input, signature = signed(alg)
    half = len(signature) // 2
    der = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    with pytest.raises(SignatureInvalid):
        verify(alg, signing_input, der)


@pytest.mark.parametrize("alg", ALL)
def test_signature_of_another_length_is_refused(alg: str) -> None:
    """Shortened, lengthened at either end, padded in the middle, doubled, empty."""
    signing_input, signature = signed(alg)
    half = len(signature) // 2
    for forged in (
        b"",
        signature[:-1],
        signature[1:],
        signature + b"\0",
        b"\0" + signature,
        b"\0" + signature[:half] + b"\0" + signature[half:],
        signature * 2,
        b"\0" * len(signature),
    ):
        with pytest.raises(SignatureInvalid):
            verify(alg, signing_input, forged)


@pytest.mark.parametrize("alg", ECDSA)
def test_halves_with_leading_zeros_verify(alg: str) -> None:
    """Exact length means that short numbers are padded: found by signing until there is one."""
    for number in range(2000):
        signing_input, signature = signing_input_and_signature(alg, number)
        half = len(signature) // 2
        # The first byte of a P-521 half holds one bit, so that it is zero every other time.
        if (
            signature[0] == signature[1] == 0
            or signature[half] == signature[half + 1] == 0
            or not signature[0]
        ):
            verify(alg, signing_input, signature)
            return
    pytest.fail("no such signature found")


def signing_input_and_signature(alg: str, number: int) -> tuple[str, bytes]:
    """One of many tokens."""
    signing_input, _, signature = jose.sign_jwt(CLAIMS | {"n": number}, sample(alg)).rpartition(".")
    return signing_input, b64url_decode(signature)


def test_ed25519_signature_with_large_s_is_refused() -> None:
    """S + L is the same number modulo L, and another signature (RFC 8032 s8.4)."""
    signing_input, signature = signed("Ed25519")
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    with pytest.raises(SignatureInvalid):
        verify("Ed25519", signing_input, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("salt", [0, 20, 31, 33, 64, "max"])
def test_pss_salt_of_another_length_is_refused(salt: int | str) -> None:
    """RFC 7518 s3.5: the salt is as long as the hash."""
    signing_input, _ = signed("PS256")
    private: Any = sample("PS256").material
    length: Any = padding.PSS.MAX_LENGTH if salt == "max" else salt
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), length)
    with pytest.raises(SignatureInvalid):
        verify("PS256", signing_input, private.sign(signing_input.encode(), scheme, hashes.SHA256()))


def test_rsa_signature_of_another_scheme_or_hash_is_refused() -> None:
    """The scheme, the hash and the mask's hash are the algorithm's (RFC 7518 s3.3, s3.5)."""
    private: Any = sample("RS256").material
    sha1, sha256, sha512 = hashes.SHA1(), hashes.SHA256(), hashes.SHA512()  # noqa: S303 - the attacker's choice
    wrong = {
        "RS256": [
            (padding.PKCS1v15(), sha1),
            (padding.PKCS1v15(), sha512),
            (padding.PSS(padding.MGF1(sha256), 32), sha256),
        ],
        "PS256": [
            (padding.PKCS1v15(), sha256),
            (padding.PSS(padding.MGF1(sha1), 32), sha256),
            (padding.PSS(padding.MGF1(sha256), 32), sha512),
        ],
    }
    for alg, schemes in wrong.items():
        signing_input, signature = signed(alg)
        verify(alg, signing_input, signature)
        for scheme, digest in schemes:
            with pytest.raises(SignatureInvalid):
                verify(alg, signing_input, private.sign(signing_input.encode(), scheme, digest))


def test_rsa_signature_plus_the_modulus_is_refused() -> None:
    """The same number modulo n, and another signature (RFC 8017 s8.2.2)."""
    signing_input, signature = signed("RS256")
    public: Any = sample("RS256").verification_material
    number = int.from_bytes(signature) + public.public_numbers().n
    for length in (len(signature), len(signature) + 1):
        if number < 2 ** (8 * length):
            with pytest.raises(SignatureInvalid):
                verify("RS256", signing_input, number.to_bytes(length))


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "ES512", "Ed25519"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_another_spelling_of_a_segment_is_refused(alg: str, part: int) -> None:
    """Padding, white space, the other alphabet, unused bits, junk: a token has one spelling (RFC 7515 s2)."""
    token = jose.sign_jwt(CLAIMS, sample(alg), headers={"pad": "?>?>?>"})
    segments = token.split(".")
    body = segments[part]
    spellings = [
        body + "=",
        body + "==",
        body + "\n",
        " " + body,
        body[:4] + " " + body[4:],
        body[:4] + "\r\n" + body[4:],
        body[:4] + "?" + body[4:],
        body[:4] + "\0" + body[4:],
        body + "\u0660",
        body.replace("-", "+").replace("_", "/") if {"-", "_"} & set(body) else body + "+",
    ]
    if len(body) % 4:
        # The last character carries bits that no byte uses.
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        spellings.append(body[:-1] + alphabet[alphabet.index(body[-1]) + 1])
    verifier = jose.Verifier(sample(alg))
    verifier.verify(token, now=NOW)
    for spelling in spellings:
        forged = ".".join([*segments[:part], spelling, *segments[part + 1 :]])
        for attempt in (forged, forged.encode()):
            with pytest.raises(JoseError):
                verifier.verify(attempt, now=NOW)


def test_other_spellings_of_the_signature_are_malformed() -> None:
    """They are told apart from wrong signatures."""
    token = jose.sign_jwt(CLAIMS, sample("HS256"))
    for forged in (token + "=", token + "\n", token + "AA", token[:-2], " " + token):
        with pytest.raises(TokenMalformed):
            jose.verify_jwt(forged, sample("HS256"), now=NOW)


def test_macs_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2016-7036: by the function made for it, and whole."""
    compared = []

    def spy(expected: bytes, signature: bytes) -> bool:
        compared.append((len(expected), len(signature)))
        return expected == signature

    monkeypatch.setattr(signing, "compare_digest", spy)
    for alg, length in (("HS256", 32), ("HS384", 48), ("HS512", 64)):
        check = signing.prepare_check(SIGNATURE_ALGORITHMS[alg], sample(alg).verification_material)
        with pytest.raises(SignatureInvalid):
            check(b"input", b"\0" * length)
        assert compared.pop() == (length, length)


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "Ed25519"])
def test_claims_are_not_looked_at_before_the_signature(alg: str) -> None:
    """A wrong signature is all that a forger learns about a token, whatever else is wrong with it."""
    expired = forge(
        {"alg": alg, "typ": "other"}, {"exp": 1, "nbf": "x", "aud": 1, "iss": "a"}, Key.generate(alg), alg
    )
    with pytest.raises(SignatureInvalid):
        jose.verify_jwt(expired, sample(alg), issuer="b", audience="c", now=NOW)
    nonsense = forge({"alg": alg}, b"no JSON", Key.generate(alg), alg)
    with pytest.raises(SignatureInvalid):
        jose.verify_jwt(nonsense, sample(alg), now=NOW)


def test_what_a_caller_sees_of_a_header_cannot_change_what_is_verified() -> None:
    """The header is a read-only view, shared with the verifier's memory (GHSA-869p-cjfg-cm3x)."""
    verifier = jose.Verifier(sample("HS256"))
    token = jose.sign_jwt(CLAIMS, sample("HS256"), headers={"x": {"y": [1]}})
    header = verifier.verify(token, now=NOW).header
    before = copy.deepcopy(header)
    changes: list[Callable[[], object]] = [
        lambda: header.update(alg="none"),
        lambda: header.pop("kid"),
        lambda: header["x"]["y"].append(2),
        header.clear,
    ]
    for change in changes:
        with pytest.raises(TypeError):
            change()
    assert verifier.verify(token, now=NOW).header == before
