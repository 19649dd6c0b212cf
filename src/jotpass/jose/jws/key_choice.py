"""Which key of those at hand a header may be verified with (RFC 7515 s6, s10.1, RFC 8725 s3.1).

The verifier's own list of algorithms and the key decide together: an ``alg`` must be listed, must fit the
key's type and curve, and must be the one that the key is bound to. What a token says only chooses among what
remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.errors import (
    AlgorithmNotAllowed,
    KeyAmbiguous,
    KeyMismatch,
    KeyNotFound,
    KeyRefused,
    KeyWeak,
)
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_set import KeySet
from jotpass.jose.jws.signing import prepare_check
from jotpass.jose.limits import MAX_TRIED_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jotpass.jose.algorithms import SignatureAlgorithm
    from jotpass.jose.jws.signing import Check


def check_fit(row: SignatureAlgorithm, key: Key, operation: Literal["sign", "verify"]) -> None:
    """Check that a key is for an algorithm and an operation (RFC 7517 s4.2-4.4, RFC 7518 s3).

    Raises:
        KeyMismatch: If its type, curve, ``alg``, ``use`` or ``key_ops`` says otherwise.
        KeyWeak: If the secret is shorter than the algorithm's hash (RFC 7518 s3.2).
    """
    if key.kty != row.kty or (row.curves and key.crv not in row.curves):
        raise KeyMismatch("the key's type or curve is not the one that alg needs")
    if key.alg not in {None, row.name} and not (row.scheme == "EdDSA" and key.alg in {"EdDSA", key.crv}):
        raise KeyMismatch("the key is bound to another alg")
    if key.use not in {None, "sig"}:
        raise KeyMismatch("the key's use is not sig")
    # A private key that signs holds the public one that verifies.
    enough = {operation, "sign"} if key.is_private and key.kty != "oct" else {operation}
    if key.key_ops is not None and enough.isdisjoint(key.key_ops):
        raise KeyMismatch(f"the key's key_ops do not include {operation}")
    if operation == "sign" and not key.is_private:
        raise KeyMismatch("a public key does not sign")
    if (
        isinstance(key.material, bytes)
        and len(key.material) < row.minimum_secret_bytes
        and not key.allow_weak
    ):
        raise KeyWeak(f"{row.name} needs a secret of at least {row.minimum_secret_bytes} bytes")


class Candidate(NamedTuple):
    """A key that may have made a signature, and the prepared check for it."""

    key: Key
    check: Check


class KeyChoice:
    """The keys and algorithms that a verifier accepts.

    Args:
        keys: One key, or a set to choose from.
        algorithms: The accepted ``alg`` values; None if every key names its own.

    Raises:
        TypeError: If ``keys`` is neither a ``Key`` nor a ``KeySet``, or ``algorithms`` no collection of
            strings.
        ValueError: If an algorithm is unknown, none is given, or a key names none and the caller does not
            either.
    """

    __slots__ = ("_chosen", "_is_set", "_keys", "_rows")

    def __init__(self, keys: Key | KeySet, algorithms: Iterable[str] | None) -> None:
        if not isinstance(keys, Key | KeySet):
            raise TypeError(f"keys must be a Key or a KeySet, not {type(keys).__name__}")
        self._is_set = isinstance(keys, KeySet)
        self._keys = tuple(keys) if isinstance(keys, KeySet) else (keys,)
        names = _own_algorithms(self._keys) if algorithms is None else _listed_algorithms(algorithms)
        self._rows = {name: SIGNATURE_ALGORITHMS[name] for name in names}
        self._chosen: dict[tuple[str, str | None], tuple[Candidate, ...]] = {}

    @property
    def algorithms(self) -> frozenset[str]:
        """The accepted ``alg`` values."""
        return frozenset(self._rows)

    def candidates(self, header: Mapping[str, Any]) -> tuple[Candidate, ...]:
        """Return the keys that the signature may be checked with, at least one.

        A ``kid`` chooses in a set, by equality: a key without one is not chosen. It chooses in a set only,
        for one key was chosen by the caller already. Without ``kid``, every key that fits ``alg`` is a
        candidate, as long as they are few.

        Args:
            header: A checked header.

        Raises:
            AlgorithmNotAllowed: If ``alg`` is not accepted.
            KeyNotFound: If no key has the ``kid``, or none fits.
            KeyMismatch, KeyWeak: If the one that was meant does not fit ``alg``.
            KeyAmbiguous: If there are too many to try.
        """
        row = self._rows.get(header["alg"])
        if row is None:
            raise AlgorithmNotAllowed("alg is not among the accepted algorithms")
        kid = header.get("kid") if self._is_set else None
        chosen = self._chosen.get((row.name, kid))
        if chosen is None:
            # Only ids that a key has are remembered: what grows here is bounded by the keys.
            chosen = self._chosen[row.name, kid] = self._choose(row, kid)
        return chosen

    def _choose(self, row: SignatureAlgorithm, kid: str | None) -> tuple[Candidate, ...]:
        meant = self._keys if kid is None else tuple(key for key in self._keys if key.kid == kid)
        fitting: list[Candidate] = []
        refusal: KeyRefused = KeyNotFound("no key of the set fits the token")
        for key in meant:
            try:
                check_fit(row, key, "verify")
            except KeyRefused as error:
                refusal = error if kid is not None or not self._is_set else refusal
            else:
                fitting.append(Candidate(key, prepare_check(row, key.verification_material)))
        if not fitting:
            raise refusal
        if len(fitting) > MAX_TRIED_KEYS:
            raise KeyAmbiguous("too many keys fit a token without kid")
        return tuple(fitting)


def _own_algorithms(keys: Iterable[Key]) -> set[str]:
    names: set[str] = set()
    for key in keys:
        if key.alg is None:
            raise ValueError("algorithms must be given: a key does not name its own")
        names.add(key.alg)
        if key.alg == "EdDSA" and key.crv is not None:
            # What such a key signs says the curve's name (RFC 9864 s2.2).
            names.add(key.crv)
    # A set may hold keys for encryption, too; they verify nothing.
    return names & SIGNATURE_ALGORITHMS.keys()


def _listed_algorithms(algorithms: Iterable[str]) -> set[str]:
    if isinstance(algorithms, str | bytes):
        raise TypeError("algorithms must be a collection of names, not one string")
    names = set(algorithms)
    if not names:
        raise ValueError("algorithms must not be empty")
    if not all(isinstance(name, str) for name in names):
        raise TypeError("algorithms must be strings")
    unknown = names - SIGNATURE_ALGORITHMS.keys()
    if unknown:
        raise ValueError(f"unknown algorithms: {', '.join(sorted(unknown))}")
    return names
