"""Making and checking signatures, scheme by scheme (RFC 7518 s3, RFC 8037 s3.1, RFC 8812 s3.2).

A scheme turns an algorithm's row and a key into a callable once; the callable then does nothing but the
cryptography. Signatures here are raw bytes in the form that JOSE gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hmac import compare_digest, digest
from itertools import product
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hmac import HMAC

from jotpass.jose.errors import SignatureInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jotpass.jose.algorithms import Scheme, SignatureAlgorithm

    Check: TypeAlias = Callable[[bytes, bytes], None]
    """Takes the signing input and the signature; raises SignatureInvalid unless they belong together."""

_HASHES: Final = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_PKCS1: Final = padding.PKCS1v15()
_PSS: Final = {
    name: padding.PSS(mgf=padding.MGF1(algorithm), salt_length=algorithm.digest_size)
    for name, algorithm in _HASHES.items()
}
_ECDSA: Final = {name: ec.ECDSA(algorithm) for name, algorithm in _HASHES.items()}
_SIGN_BIT: Final = 0x80
_NOT_VALID: Final = "the signature does not verify"


def make_signature(row: SignatureAlgorithm, material: Any, signing_input: bytes) -> bytes:
    """Sign.

    Args:
        row: The algorithm, which must fit the key.
        material: A key's ``material``: the secret, or the private key object.
        signing_input: The bytes to sign.

    Returns:
        The raw signature, as long as the row says.
    """
    return _SCHEMES[row.scheme].sign(row, material, signing_input)


def prepare_check(row: SignatureAlgorithm, material: Any) -> Check:
    """Prepare the verification of many signatures under one key.

    Args:
        row: The algorithm, which must fit the key.
        material: A key's ``verification_material``: the secret, or the public key object.

    Returns:
        A callable of the signing input and the raw signature, safe to share between threads, that returns
        nothing and raises ``SignatureInvalid`` unless the signature is good.
    """
    return _SCHEMES[row.scheme].prepare(row, material)


@dataclass(frozen=True, slots=True)
class _SignatureScheme:
    sign: Callable[[SignatureAlgorithm, Any, bytes], bytes]
    prepare: Callable[[SignatureAlgorithm, Any], Check]


def _sign_hmac(row: SignatureAlgorithm, secret: bytes, signing_input: bytes) -> bytes:
    return digest(secret, signing_input, row.hash)


def _prepare_hmac(row: SignatureAlgorithm, secret: bytes) -> Check:
    # A copy starts with the key already worked in: half of what a short message costs.
    copy, equal = HMAC(secret, _HASHES[row.hash]).copy, compare_digest

    def check(signing_input: bytes, signature: bytes) -> None:
        mac = copy()
        mac.update(signing_input)
        if not equal(mac.finalize(), signature):
            raise SignatureInvalid(_NOT_VALID)

    return check


def _sign_pkcs1(row: SignatureAlgorithm, private: Any, signing_input: bytes) -> bytes:
    return bytes(private.sign(signing_input, _PKCS1, _HASHES[row.hash]))


def _sign_pss(row: SignatureAlgorithm, private: Any, signing_input: bytes) -> bytes:
    return bytes(private.sign(signing_input, _PSS[row.hash], _HASHES[row.hash]))


def _prepare_pkcs1(row: SignatureAlgorithm, public: Any) -> Check:
    return _prepare_rsa(public, _PKCS1, _HASHES[row.hash])


def _prepare_pss(row: SignatureAlgorithm, public: Any) -> Check:
    return _prepare_rsa(public, _PSS[row.hash], _HASHES[row.hash])


def _prepare_rsa(public: Any, scheme: padding.AsymmetricPadding, digest: hashes.HashAlgorithm) -> Check:
    verify = public.verify

    def check(signing_input: bytes, signature: bytes) -> None:
        try:
            verify(signature, signing_input, scheme, digest)
        except InvalidSignature:
            raise SignatureInvalid(_NOT_VALID) from None

    return check


@cache
def _deterministic_ecdsa(digest_name: str) -> ec.ECDSA:
    # A nonce derived from key and message cannot repeat or leak (RFC 6979, RFC 8725 s3.2).
    try:
        return ec.ECDSA(_HASHES[digest_name], deterministic_signing=True)
    except UnsupportedAlgorithm:
        # OpenSSL before 3.2, which packagers may build against; its nonces are random.
        return _ECDSA[digest_name]


def _sign_ecdsa(row: SignatureAlgorithm, private: Any, signing_input: bytes) -> bytes:
    half = row.signature_bytes // 2
    r, s = decode_dss_signature(private.sign(signing_input, _deterministic_ecdsa(row.hash)))
    return r.to_bytes(half) + s.to_bytes(half)


def _prepare_ecdsa(row: SignatureAlgorithm, public: Any) -> Check:
    verify, ecdsa, length = public.verify, _ECDSA[row.hash], row.signature_bytes
    half = length // 2
    prefixes = _der_prefixes(half)

    def check(signing_input: bytes, signature: bytes) -> None:
        # Any other length is another spelling of the same two numbers (RFC 7518 s3.4).
        if len(signature) != length:
            raise SignatureInvalid(_NOT_VALID)
        r, s = signature[0], signature[half]
        if r and s:
            before_r, before_s = prefixes[r >> 7 << 1 | s >> 7]
            der = before_r + signature[:half] + before_s + signature[half:]
        else:
            der = _to_der(signature[:half], signature[half:])
        try:
            verify(der, signing_input, ecdsa)
        except InvalidSignature:
            raise SignatureInvalid(_NOT_VALID) from None

    return check


@cache
def _der_prefixes(half: int) -> tuple[tuple[bytes, bytes], ...]:
    """What DER writes before r and before s when neither begins with a zero byte, by their highest bits."""
    integers = (b"\x02%c" % half, b"\x02%c\0" % (half + 1))
    return tuple(
        (_der_sequence(len(before_r) + len(before_s) + 2 * half) + before_r, before_s)
        for before_r, before_s in product(integers, repeat=2)
    )


def _to_der(r: bytes, s: bytes) -> bytes:
    # RFC 3279 s2.2.3. A third of the time of the library's own conversion, which goes through integers.
    r, s = _to_der_integer(r), _to_der_integer(s)
    body = b"\x02%c%b\x02%c%b" % (len(r), r, len(s), s)
    return _der_sequence(len(body)) + body


def _der_sequence(length: int) -> bytes:
    return b"\x30%c" % length if length < _SIGN_BIT else b"\x30\x81%c" % length


def _to_der_integer(digits: bytes) -> bytes:
    digits = digits.lstrip(b"\0")
    if not digits:
        # Zero is no half of a signature; an implementation that took it verified anything (CVE-2022-21449).
        raise SignatureInvalid(_NOT_VALID)
    return digits if digits[0] < _SIGN_BIT else b"\0" + digits


def _sign_eddsa(_row: SignatureAlgorithm, private: Any, signing_input: bytes) -> bytes:
    return bytes(private.sign(signing_input))


def _prepare_eddsa(_row: SignatureAlgorithm, public: Any) -> Check:
    verify = public.verify

    def check(signing_input: bytes, signature: bytes) -> None:
        try:
            verify(signature, signing_input)
        except InvalidSignature:
            raise SignatureInvalid(_NOT_VALID) from None

    return check


_SCHEMES: Final[Mapping[Scheme, _SignatureScheme]] = {
    "HMAC": _SignatureScheme(_sign_hmac, _prepare_hmac),
    "RSASSA-PKCS1-v1_5": _SignatureScheme(_sign_pkcs1, _prepare_pkcs1),
    "RSASSA-PSS": _SignatureScheme(_sign_pss, _prepare_pss),
    "ECDSA": _SignatureScheme(_sign_ecdsa, _prepare_ecdsa),
    "EdDSA": _SignatureScheme(_sign_eddsa, _prepare_eddsa),
}
