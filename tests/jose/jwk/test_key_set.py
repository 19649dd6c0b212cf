"""JWK Sets: one bad member costs nothing but itself, and a public set holds no secrets (RFC 7517 s5)."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from jotpass.jose.errors import KeyAmbiguous, KeyInvalid
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_set import KeySet
from jotpass.jose.limits import MAX_JWK_SET_LENGTH
from tests.jose.jwk.sample_keys import ASYMMETRIC, members, sample


def public_set(*jwks: object) -> dict[str, Any]:
    """A JWK Set with these members."""
    return {"keys": list(jwks)}


def codes(keys: KeySet) -> list[tuple[int, str]]:
    """Where and why members were skipped."""
    return [(member.index, member.code) for member in keys.skipped]


def test_public_set_round_trip() -> None:
    """A set of public keys is written and read again, parsed, as text and as bytes."""
    keys = KeySet([sample(alg).public_key() for alg in ASYMMETRIC])
    text = keys.to_json()

    for document in (text, text.encode(), json.loads(text)):
        again = KeySet.from_json(document)
        assert again == keys
        assert again.keys == keys.keys
        assert again.skipped == ()
    assert hash(KeySet.from_json(text)) == hash(keys)


def test_private_set_round_trip() -> None:
    """With private=True a set is written and read with its secrets."""
    keys = KeySet([sample("HS256"), sample("ES256"), sample("RS256").public_key()])

    assert KeySet.from_json(keys.to_json(private=True), private=True) == keys


def test_it_is_a_collection() -> None:
    """A set has a length, an order and members."""
    keys = KeySet(sample(alg) for alg in ("ES256", "Ed25519"))

    assert len(keys) == 2
    assert list(keys) == [sample("ES256"), sample("Ed25519")]
    assert sample("ES256") in keys
    assert sample("HS256") not in keys
    assert len(KeySet([])) == 0


def test_members_are_keys() -> None:
    """Bytes, text, dicts and key objects are no members."""
    wrong: Any
    for wrong in (b"k" * 32, "k" * 32, members("ES256"), sample("ES256").material, None):
        with pytest.raises(TypeError):
            KeySet([wrong])
    with pytest.raises(TypeError):
        KeySet(sample("ES256"))  # type: ignore[arg-type]


def test_it_never_changes() -> None:
    """Neither attribute can be set, and both are tuples."""
    keys = KeySet([sample("ES256")])

    for name in ("keys", "skipped"):
        with pytest.raises(FrozenInstanceError):
            setattr(keys, name, ())
        assert isinstance(getattr(keys, name), tuple)


def test_published_set_holds_no_secret() -> None:
    """Without private=True symmetric keys are left out and private ones written as their public half."""
    keys = KeySet([sample("HS256"), sample("ES256"), sample("RS256"), sample("Ed25519")])
    published = json.loads(keys.to_json())

    assert [jwk["kty"] for jwk in published["keys"]] == ["EC", "RSA", "OKP"]
    assert KeySet.from_json(published).keys == tuple(key.public_key() for key in keys.keys[1:])
    assert KeySet.from_json(published).skipped == ()
    assert KeySet([sample("HS256")]).to_jwk_set() == {"keys": []}


def test_a_key_and_its_public_half_are_published_once() -> None:
    """A ring may hold both halves; a reader sees one key."""
    keys = KeySet(
        [sample("ES256"), sample("RS256"), sample("ES256").public_key().replace(kid="2", use="sig")]
    )

    assert len(keys.to_jwk_set()["keys"]) == 3
    both = KeySet([sample("ES256").replace(kid=None), sample("ES256").public_key().replace(kid=None)])
    assert len(both.to_jwk_set()["keys"]) == 1


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"keys": {}}',
        '{"keys": null}',
        '{"keys": "k"}',
        '{"keys": [}',
        b"\xff\xfe",
        [],
        None,
        5,
    ],
)
def test_document_that_is_no_set_is_refused(document: Any) -> None:
    """A document without an array of keys is refused as a whole (RFC 7517 s5)."""
    with pytest.raises(KeyInvalid):
        KeySet.from_json(document)


def test_document_is_strict_json() -> None:
    """Duplicate members anywhere, other encodings and overlong documents refuse the whole document."""
    text = json.dumps(public_set(members("ES256")))

    for bad in (
        text[:-1] + ', "keys": []}',
        text.replace('"kty"', '"kty": "oct", "kty"'),
        text.encode("utf-16"),
        "\ufeff" + text,
        text + " " * MAX_JWK_SET_LENGTH,
    ):
        with pytest.raises(KeyInvalid):
            KeySet.from_json(bad)


def test_other_arguments_are_mistakes() -> None:
    """A Python object that is no JSON is a TypeError."""
    wrong: Any
    for wrong in (object(), bytearray(b"{}"), KeySet([])):
        with pytest.raises(TypeError):
            KeySet.from_json(wrong)


BAD_MEMBERS: dict[str, tuple[Any, str]] = {
    "not an object": ("x", "key_invalid"),
    "null": (None, "key_invalid"),
    "array": ([], "key_invalid"),
    "empty": ({}, "key_invalid"),
    "unknown kty": ({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "a"}, "key_unsupported"),
    "kty is no text": ({"kty": ["EC"]}, "key_invalid"),
    "unknown curve": ({"kty": "EC", "crv": "P-192", "x": "AA", "y": "AA"}, "key_unsupported"),
    "off the curve": ({"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}, "key_invalid"),
    "not base64url": ({"kty": "RSA", "n": "!!", "e": "AQAB"}, "key_invalid"),
    "short modulus": ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "key_weak"),
    "small order": ({"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}, "key_weak"),
    "contradicting ops": ({"kty": "OKP", "key_ops": ["verify", "verify"]}, "key_invalid"),
    "kid is no text": ({"kty": "OKP", "kid": 5}, "key_invalid"),
    "symmetric": ({"kty": "oct", "k": "A" * 43}, "key_private"),
    "private but malformed": ({"kty": "RSA", "p": None}, "key_private"),
}


@pytest.mark.parametrize("name", BAD_MEMBERS)
def test_bad_member_is_skipped(name: str) -> None:
    """A member that cannot be used is skipped and listed; the others stay (RFC 7517 s5)."""
    member, code = BAD_MEMBERS[name]
    keys = KeySet.from_json(public_set(members("ES256"), member, members("RS256")))

    assert keys.keys == (sample("ES256").public_key(), sample("RS256").public_key())
    assert codes(keys) == [(1, code)]
    assert keys.skipped[0].reason


def test_skipped_members_say_who_they_are() -> None:
    """A skipped member is named by its kid where that is text of sensible length."""
    keys = KeySet.from_json(
        public_set(
            {"kty": "AKP", "kid": "pq"}, {"kty": "AKP", "kid": 5}, {"kty": "AKP", "kid": "k" * 5000}, 7
        ),
    )

    assert [member.kid for member in keys.skipped] == ["pq", None, None, None]


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_published_private_key_is_not_trusted(alg: str) -> None:
    """A private key in a public set is known to everybody: it is skipped, not stripped to its public half."""
    other = Key.generate("ES256").public_key()
    keys = KeySet.from_json(public_set(members(alg, private=True), other.to_jwk()))

    assert keys.keys == (other,)
    assert codes(keys) == [(0, "key_private")]


def test_symmetric_key_in_a_public_set_is_not_trusted() -> None:
    """Mixed sets: a public document cannot bring in an HMAC secret."""
    document = public_set(members("HS256", private=True), members("ES256"))

    assert codes(KeySet.from_json(document)) == [(0, "key_private")]
    assert KeySet.from_json(document, private=True).skipped == ()
    assert len(KeySet.from_json(document, private=True)) == 2


def test_skipped_members_tell_no_secret() -> None:
    """Nothing of a skipped private key is in its entry."""
    jwk = members("RS256", private=True)
    keys = KeySet.from_json(public_set(jwk, {**jwk, "d": jwk["p"]}))
    shown = repr(keys)

    assert len(keys.skipped) == 2
    for name in ("d", "p", "q", "dp", "dq", "qi"):
        assert str(jwk[name]) not in shown


def test_same_kid_for_other_types_is_kept() -> None:
    """One kid may name equivalent keys of different types or algorithms (RFC 7517 s4.5)."""
    document = public_set(*({**members(alg), "kid": "a"} for alg in ("RS256", "ES256", "ES384", "PS256")))
    keys = KeySet.from_json(document)

    assert len(keys) == 4
    with pytest.raises(KeyAmbiguous):
        keys.get("a")


@pytest.mark.parametrize("unnamed", [False, True])
def test_same_kid_for_one_algorithm_is_ambiguous(unnamed: bool) -> None:
    """Two keys that the same token could mean are both skipped: nobody guesses."""
    first = {**members("ES256"), "kid": "a"}
    second = {**Key.generate("ES256").to_jwk(), "kid": "a"}
    if unnamed:
        del second["alg"]
    keys = KeySet.from_json(public_set(first, members("RS256"), second))

    assert keys.keys == (sample("RS256").public_key(),)
    assert codes(keys) == [(0, "key_ambiguous"), (2, "key_ambiguous")]
    with pytest.raises(ValueError, match="different kids"):
        KeySet([Key.from_jwk(first), Key.from_jwk(second)])


def test_eddsa_is_the_algorithm_of_its_curve() -> None:
    """EdDSA and Ed25519 name one algorithm, so they do not tell two keys of one kid apart (RFC 9864 s2.2)."""
    first = {**members("Ed25519"), "kid": "a"}
    second = {**Key.generate("Ed25519").to_jwk(), "kid": "a", "alg": "EdDSA"}

    assert codes(KeySet.from_json(public_set(first, second))) == [(0, "key_ambiguous"), (1, "key_ambiguous")]


def test_same_kid_for_signing_and_encryption_is_kept() -> None:
    """A key for encryption is not confused with the one for signatures."""
    signing = {**members("RS256"), "kid": "a", "use": "sig"}
    encryption = {**Key.generate("RS256").to_jwk(), "kid": "a", "use": "enc", "alg": "RSA-OAEP-256"}

    assert len(KeySet.from_json(public_set(signing, encryption))) == 2


def test_keys_without_kid_are_never_ambiguous() -> None:
    """Only a kid can promise to name one key."""
    keys = KeySet([Key.generate("ES256").replace(kid=None) for _ in range(3)])

    assert len(keys) == 3


def test_the_same_key_twice_is_one() -> None:
    """A member that is there twice is taken once."""
    keys = KeySet.from_json(public_set(members("ES256"), members("RS256"), members("ES256")))

    assert keys.keys == (sample("ES256").public_key(), sample("RS256").public_key())
    assert codes(keys) == [(2, "key_duplicate")]


def test_get_finds_by_kid() -> None:
    """A kid is compared by equality, case included."""
    keys = KeySet(
        [
            sample("ES256").replace(kid="a"),
            sample("RS256").replace(kid="A"),
            sample("HS256").replace(kid=None),
        ]
    )

    assert keys.get("a") == sample("ES256").replace(kid="a")
    assert keys.get("A") == sample("RS256").replace(kid="A")
    assert keys.get("b") is None
    assert keys.get("") is None


def test_many_members_with_one_kid_take_linear_time() -> None:
    """Two thousand members with the same kid are judged like any others."""
    jwk = {**members("ES256"), "kid": "a"}
    keys = KeySet.from_json(public_set(*({**jwk, "use": f"u{n}"} for n in range(2000))))

    assert len(keys) == 2000


def test_public_set_is_pickled_and_private_is_not() -> None:
    """A set of public keys goes to another process; one with secrets does not."""
    public = KeySet([sample("ES256").public_key()])

    assert pickle.loads(pickle.dumps(public)) == public  # noqa: S301 - our own bytes
    with pytest.raises(TypeError):
        pickle.dumps(KeySet([sample("ES256")]))
