"""Signing under the name that ALGORITHM has in the settings."""

from __future__ import annotations

from jotpass import jose
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_encode
from jotpass.jose.header import write_header
from jotpass.jose.jws.key_choice import check_fit
from jotpass.jose.jws.signing import make_signature


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
