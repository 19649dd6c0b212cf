"""Asymmetric keys as PEM and DER (RFC 7468, RFC 5958, RFC 8017 appendix A.1, RFC 5915).

Read: SubjectPublicKeyInfo, PKCS#8 with and without a password, the traditional RSA and EC forms, and an X.509
certificate, of which the public key alone is taken: neither its signature nor its dates are looked at.
Written: SubjectPublicKeyInfo and PKCS#8.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from jotpass.jose.errors import KeyInvalid, KeyUnsupported
from jotpass.jose.jwk.material import PrivateKey, PublicKey
from jotpass.jose.limits import MAX_JWK_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Reader = Callable[[bytes, bytes | None], object]

_BEGIN: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_DER_SEQUENCE: Final = b"\x30"
_SSH_PREFIXES: Final = (b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-")
_MALFORMED: Final = "not a key in a form that can be read, or the password is wrong"


def read_pem(document: bytes, password: bytes | None) -> PublicKey | PrivateKey:
    """Read the one key of a PEM document.

    Raises:
        KeyInvalid: No PEM, more than one key, malformed, or the password is wrong, missing or not needed.
        KeyUnsupported: OpenSSH's format, DSA, a curve with explicit parameters.
    """
    _check_length(document)
    # `openssl ecparam -genkey` writes the curve's name before the key, which names it again.
    labels = [label for label in _BEGIN.findall(document) if label != b"EC PARAMETERS"]
    if len(labels) != 1:
        raise KeyInvalid("the document holds several PEM blocks, not one" if labels else "no PEM block found")
    reader = _PEM_READERS.get(labels[0])
    if reader is None:
        raise KeyUnsupported(
            "this PEM block is not supported; `ssh-keygen -p -m PKCS8` converts OpenSSH keys"
        )
    try:
        return _read(reader, document, password)
    except ValueError:
        raise KeyInvalid(_MALFORMED) from None


def read_der(document: bytes, password: bytes | None) -> PublicKey | PrivateKey:
    """Read a DER document: a private key, a public key or a certificate.

    Raises:
        KeyInvalid: None of them, or the password is wrong, missing or not needed.
        KeyUnsupported: A key of another type.
    """
    _check_length(document)
    for reader in _DER_READERS:
        with suppress(ValueError):
            return _read(reader, document, password)
    raise KeyInvalid(_MALFORMED)


def write_key(key: PublicKey | PrivateKey, encoding: Encoding, password: bytes | None) -> bytes:
    """Write a public key as SubjectPublicKeyInfo, a private one as PKCS#8."""
    if isinstance(key, PublicKey):
        return key.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(encoding, PrivateFormat.PKCS8, encryption)


def is_asymmetric_key(data: bytes) -> bool:
    """Whether bytes are a key in PEM, DER or OpenSSH form, be it encrypted, unsupported or damaged PEM."""
    if b"-----BEGIN " in data or data.startswith(_SSH_PREFIXES):
        return True
    if not data.startswith(_DER_SEQUENCE):
        return False
    document = _without_rest(data)
    for reader in _DER_READERS:
        try:
            reader(document, None)
        except ValueError:
            continue
        except (TypeError, UnsupportedAlgorithm, InternalError):
            return True
        return True
    return False


def _without_rest(data: bytes) -> bytes:
    """Cut a DER document off where its outermost length says that it ends (X.690 s8.1.3)."""
    first = data[1] if len(data) > 1 else 0
    length_bytes = first & 0x7F if first & 0x80 else 0
    length = int.from_bytes(data[2 : 2 + length_bytes]) if length_bytes else first
    return data[: 2 + length_bytes + length]


def _check_length(document: bytes) -> None:
    if len(document) > MAX_JWK_LENGTH:
        raise KeyInvalid("the document is longer than the limit")


def _read(reader: Reader, document: bytes, password: bytes | None) -> PublicKey | PrivateKey:
    """Read with the library, and let its ValueError through: only the caller knows what that means."""
    try:
        key = reader(document, password)
    except TypeError:
        reason = "its password is needed" if password is None else "a password was given, and none is needed"
        raise KeyInvalid(reason) from None
    except UnsupportedAlgorithm:
        raise KeyUnsupported("this type of key is not supported") from None
    except InternalError:
        # OpenSSL's own words for a private key of the wrong length.
        raise KeyInvalid(_MALFORMED) from None
    if not isinstance(key, PublicKey | PrivateKey):
        raise KeyUnsupported("this type of key is not supported")
    return key


def _refuse_password(password: bytes | None) -> None:
    if password is not None:
        raise TypeError  # As the library does for private keys that are not encrypted.


def _read_public_pem(document: bytes, password: bytes | None) -> object:
    _refuse_password(password)
    return load_pem_public_key(document)


def _read_public_der(document: bytes, password: bytes | None) -> object:
    key = load_der_public_key(document)
    _refuse_password(password)
    return key


def _read_certificate_pem(document: bytes, password: bytes | None) -> object:
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - slow to import, seldom needed

    _refuse_password(password)
    return load_pem_x509_certificate(document).public_key()


def _read_certificate_der(document: bytes, password: bytes | None) -> object:
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - slow to import, seldom needed

    certificate = load_der_x509_certificate(document)
    _refuse_password(password)
    return certificate.public_key()


_PEM_READERS: Final[Mapping[bytes, Reader]] = {
    b"PUBLIC KEY": _read_public_pem,
    b"RSA PUBLIC KEY": _read_public_pem,
    b"CERTIFICATE": _read_certificate_pem,
    b"PRIVATE KEY": load_pem_private_key,
    b"ENCRYPTED PRIVATE KEY": load_pem_private_key,
    b"RSA PRIVATE KEY": load_pem_private_key,
    b"EC PRIVATE KEY": load_pem_private_key,
}
_DER_READERS: Final[tuple[Reader, ...]] = (load_der_private_key, _read_public_der, _read_certificate_der)
