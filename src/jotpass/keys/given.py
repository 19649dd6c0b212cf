"""Keys that somebody hands over as text: JWK, JWK Set or PEM. The first signs, all verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotpass.jose import JoseError, Key, KeySet
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.jwk.parameters import read_document
from jotpass.jose.jws.key_choice import check_fit
from jotpass.jose.limits import MAX_JWK_SET_LENGTH
from jotpass.keys.key_ring import KeyRing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def read_key_ring(texts: Iterable[str], *, algorithm: str) -> KeyRing:
    """Read a key ring.

    Args:
        texts: Each a JWK, a JWK Set or a PEM document. Keys without ``kid`` get their thumbprint, those
            without ``alg`` the algorithm, or if that is not for their type, the one that is: of RSA, RS256.
        algorithm: What the first key must sign with.

    Raises:
        ValueError: A text holds no key that could be used, or one that is not for signatures, or the first
            one cannot sign with the algorithm.
    """
    try:
        keys = [_complete(key, algorithm) for text in texts for key in _read(text)]
        if not keys or not keys[0].is_private or keys[0].alg != algorithm:
            message = f"the first key must be a private one for {algorithm}"
            raise ValueError(message)
        check_fit(SIGNATURE_ALGORITHMS[algorithm], keys[0], "sign")
    except JoseError as error:
        message = f"a key cannot be used: {error}"
        raise ValueError(message) from None
    return KeyRing(signing=keys[0], verification=KeySet(key.public_key() for key in keys))


def _read(text: str) -> Iterator[Key]:
    if not text.lstrip().startswith("{"):
        yield Key.from_pem(text)
        return
    if not _is_key_set(text):
        yield Key.from_jwk(text)
        return
    found = KeySet.from_json(text, private=True)
    if found.skipped:
        raise ValueError("a member of the JWK Set cannot be used")
    yield from found


def _is_key_set(text: str) -> bool:
    # Told by the member: a key may have the word for its name.
    return isinstance(read_document(text, MAX_JWK_SET_LENGTH).get("keys"), list)


def _complete(key: Key, algorithm: str) -> Key:
    if key.kty == "oct":
        raise ValueError("a symmetric key is not one of a pair")
    row = SIGNATURE_ALGORITHMS.get(key.alg or _algorithm_for(key, algorithm))
    if row is None:
        raise ValueError("a key is for encryption, and makes no signatures")
    check_fit(row, key, "verify")
    return key.replace(alg=row.name, kid=key.kid or key.thumbprint(), use="sig")


def _algorithm_for(key: Key, algorithm: str) -> str:
    """Return the algorithm of the ring if it is for such keys, else the first that is, empty for none."""
    rows = (SIGNATURE_ALGORITHMS[algorithm], *SIGNATURE_ALGORITHMS.values())
    fitting = (row.name for row in rows if row.kty == key.kty and (not row.curves or key.crv in row.curves))
    return next(fitting, "")
