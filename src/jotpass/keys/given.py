"""Keys that somebody hands over as text: JWK, JWK Set or PEM. The first signs, all verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotpass.jose import JoseError, Key, KeySet
from jotpass.keys.key_ring import KeyRing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def read_key_ring(texts: Iterable[str], *, algorithm: str) -> KeyRing:
    """Read a key ring.

    Args:
        texts: Each a JWK, a JWK Set or a PEM document. Keys without ``kid`` get their thumbprint, those
            without ``alg`` the algorithm.
        algorithm: What the first key must sign with.

    Raises:
        ValueError: A text holds no key that could be used, or the first one cannot sign with the algorithm.
    """
    try:
        keys = [_complete(key, algorithm) for text in texts for key in _read(text)]
    except JoseError as error:
        message = f"a key cannot be used: {error}"
        raise ValueError(message) from None
    if not keys or not keys[0].is_private or keys[0].alg != algorithm:
        message = f"the first key must be a private one for {algorithm}"
        raise ValueError(message)
    return KeyRing(signing=keys[0], verification=KeySet(key.public_key() for key in keys))


def _read(text: str) -> Iterator[Key]:
    if not text.lstrip().startswith("{"):
        yield Key.from_pem(text)
        return
    if '"keys"' not in text:
        yield Key.from_jwk(text)
        return
    found = KeySet.from_json(text, private=True)
    if found.skipped:
        raise ValueError("a member of the JWK Set cannot be used")
    yield from found


def _complete(key: Key, algorithm: str) -> Key:
    if key.kty == "oct":
        raise ValueError("a symmetric key is not one of a pair")
    return key.replace(alg=key.alg or algorithm, kid=key.kid or key.thumbprint(), use="sig")
