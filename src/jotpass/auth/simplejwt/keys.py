"""What SIGNING_KEY and VERIFYING_KEY of SIMPLE_JWT hold, as keys of ours: text, bytes, or a key object."""

from __future__ import annotations

from typing import Any, Final

from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from jotpass import jose

SHORT_SECRETS_ARE_ALLOWED: Final = True
"""A live secret cannot be made longer without signing everybody out; the drop-in's check W001 says so."""

_SSH: Final = (b"ssh-", b"ecdsa-sha2-")


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
