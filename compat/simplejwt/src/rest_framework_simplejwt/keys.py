"""SIGNING_KEY and VERIFYING_KEY (text, bytes, a key object) as keys of Jotpass, and signing with them."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from jotpass import jose
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_encode
from jotpass.jose.header import write_header
from jotpass.jose.jws.key_choice import check_fit
from jotpass.jose.jws.signing import make_signature

# A live secret cannot be made longer without signing everybody out: simplejwt.W001 says so, and it works.
SHORT_SECRETS_ARE_ALLOWED = True

_SSH = (b"ssh-", b"ecdsa-sha2-")


def read_key(value: Any, algorithm: str) -> jose.Key:
    """Read the key of an algorithm.

    Args:
        value: A secret, a PEM or OpenSSH document, a key object of ``cryptography``, or a ``jose.Key``.
        algorithm: The ``alg`` that it is for.

    Raises:
        JoseError: It is no key for that algorithm.
        TypeError: It is no key at all.
    """
    if isinstance(value, jose.Key):
        return value
    if not isinstance(value, str | bytes):
        return jose.Key(value)
    document = value.encode() if isinstance(value, str) else value
    if algorithm.startswith("HS"):
        return jose.Key.from_secret(document, alg=algorithm, allow_weak=SHORT_SECRETS_ARE_ALLOWED)
    if document.startswith(_SSH):
        try:
            return jose.Key(load_ssh_public_key(document))  # type: ignore[arg-type]
        except ValueError:
            raise jose.KeyInvalid("not a public key in the format of OpenSSH") from None
    return jose.Key.from_pem(document)


def sign(document: bytes, key: jose.Key, algorithm: str) -> str:
    """Sign with a key, under the name that ALGORITHM has in the settings (RFC 7515 s5.1).

    ``EdDSA`` does not say which curve, so that the engine signs as ``Ed25519`` (RFC 9864 s2.2). Whoever reads
    the tokens of a project with this setting knows that one name: it stays.

    Raises:
        JoseError: The key is public, or for another algorithm.
    """
    row = SIGNATURE_ALGORITHMS[algorithm]
    if row.signs:
        return jose.jws.sign_compact(document, key, algorithm=algorithm, typ="JWT")
    check_fit(row, key, "sign")
    signing_input = f"{write_header(row.name, 'JWT', key.kid, None)}.{b64url_encode(document)}"
    signature = make_signature(row, key.material, signing_input.encode("ascii"))
    return f"{signing_input}.{b64url_encode(signature)}"
