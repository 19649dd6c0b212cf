"""A JWK Set: keys to choose from, read so that one bad member costs nothing but itself (RFC 7517 s5)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, final

from jotpass.jose.errors import KeyAmbiguous, KeyInvalid, KeyRefused
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_types import PRIVATE_MEMBERS
from jotpass.jose.jwk.parameters import read_document
from jotpass.jose.limits import MAX_JWK_SET_LENGTH, MAX_KID_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jotpass.jose.strict_json import JsonObject


@dataclass(frozen=True, slots=True)
class SkippedKey:
    """A member of a JWK Set that was not taken.

    Attributes:
        index: Its place among the members, from 0.
        kid: Its key ID, where it had a usable one.
        code: Why: the code of a ``KeyRefused``; ``key_private`` for a secret in a public set;
            ``key_duplicate`` for a member that is there twice.
        reason: Why, for people. Nothing of the key is in it.
    """

    index: int
    kid: str | None
    code: str
    reason: str


@final
@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys in their order; together, ``kid`` and algorithm name at most one of them.

    Args:
        keys: The keys.
        skipped: What ``from_json`` left out.

    Raises:
        TypeError: A member is not a ``Key``.
        ValueError: Two keys have the same ``kid`` and could be meant by the same token.
    """

    keys: tuple[Key, ...]
    skipped: tuple[SkippedKey, ...] = field(default=(), compare=False)

    def __init__(self, keys: Iterable[Key], skipped: Iterable[SkippedKey] = ()) -> None:
        members = tuple(keys)
        for key in members:
            if not isinstance(key, Key):
                raise TypeError(f"a KeySet holds Key objects, not {type(key).__name__}")
        if _ambiguous(members):
            raise ValueError("keys for the same algorithm must have different kids")
        object.__setattr__(self, "keys", members)
        object.__setattr__(self, "skipped", tuple(skipped))

    @classmethod
    def from_json(cls, document: Mapping[str, object] | str | bytes, *, private: bool = False) -> Self:
        """Read a JWK Set, as JSON text or parsed.

        Members that cannot be used are left out and listed in ``skipped``: unknown key types, malformed and
        weak keys, and those that the same ``kid`` makes ambiguous. Without ``private``, so are symmetric
        and private keys: what a public document gives away is no secret any more.

        Args:
            document: The JWK Set.
            private: Admit symmetric keys and private members: the set comes from a place that only we read.

        Raises:
            KeyInvalid: The document as a whole is not a JWK Set.
            TypeError: Neither text nor anything that JSON has.
        """
        members = read_document(document, MAX_JWK_SET_LENGTH).get("keys")
        if not isinstance(members, list | tuple):
            raise KeyInvalid("keys must be an array")
        read = [_read_member(index, member, private=private) for index, member in enumerate(members)]
        skipped = [member for member in read if isinstance(member, SkippedKey)]
        keys: dict[Key, int] = {}
        for index, member in enumerate(read):
            if isinstance(member, Key) and keys.setdefault(member, index) != index:
                skipped.append(SkippedKey(index, member.kid, "key_duplicate", "the set holds this key twice"))
        for key in _ambiguous(keys):
            reason = "another key of the set has the same kid"
            skipped.append(SkippedKey(keys.pop(key), key.kid, KeyAmbiguous.code, reason))
        return cls(keys, sorted(skipped, key=lambda member: member.index))

    def to_json(self, *, private: bool = False) -> str:
        """Write the JWK Set as JSON; see ``to_jwk_set``."""
        return json.dumps(self.to_jwk_set(private=private))

    def to_jwk_set(self, *, private: bool = False) -> JsonObject:
        """Return the JWK Set: the public halves, no symmetric key; with ``private``, everything."""
        if private:
            return {"keys": [key.to_jwk(private=key.is_private) for key in self.keys]}
        public = dict.fromkeys(key.public_key() for key in self.keys if key.kty != "oct")
        return {"keys": [key.to_jwk() for key in public]}

    def get(self, kid: str) -> Key | None:
        """Return the key with this ``kid``, or None.

        Raises:
            KeyAmbiguous: Keys for different algorithms share it.
        """
        found = [key for key in self.keys if key.kid == kid]
        if len(found) > 1:
            raise KeyAmbiguous("several keys of the set have this kid")
        return found[0] if found else None

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)


def _read_member(index: int, member: object, *, private: bool) -> Key | SkippedKey:
    if not isinstance(member, Mapping):
        return SkippedKey(index, None, KeyInvalid.code, "a member of keys must be an object")
    if not private and _has_private_members(member):
        return SkippedKey(index, _readable_kid(member), "key_private", "a public set holds no secrets")
    try:
        return Key.from_jwk(member)
    except KeyRefused as refusal:
        return SkippedKey(index, _readable_kid(member), refusal.code, str(refusal))


def _has_private_members(member: Mapping[str, object]) -> bool:
    kty = member.get("kty")
    return isinstance(kty, str) and not PRIVATE_MEMBERS.get(kty, frozenset()).isdisjoint(member)


def _readable_kid(member: Mapping[str, object]) -> str | None:
    kid = member.get("kid")
    return kid if isinstance(kid, str) and len(kid) <= MAX_KID_LENGTH else None


def _ambiguous(keys: Iterable[Key]) -> list[Key]:
    """Return the keys that a token cannot tell from another by ``kid`` and ``alg`` (RFC 7517 s4.5)."""
    groups: dict[tuple[str | None, ...], list[Key]] = {}
    for key in keys:
        if key.kid is not None:
            groups.setdefault((key.kid, key.kty, key.crv, key.use or "sig"), []).append(key)
    ambiguous: list[Key] = []
    for group in groups.values():
        algorithms = Counter(map(_full_algorithm, group))
        # A key that names no algorithm could be meant by any token.
        alike = len(group) if None in algorithms else 1
        ambiguous += [key for key in group if max(alike, algorithms[_full_algorithm(key)]) > 1]
    return ambiguous


def _full_algorithm(key: Key) -> str | None:
    # EdDSA on a curve is the algorithm with the curve's name (RFC 9864 s2.2).
    return key.crv if key.alg == "EdDSA" else key.alg
