"""One key: how it is made and written, and that it neither changes nor tells its secret (RFC 7517 s4)."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.errors import KeyInvalid, KeyMismatch, KeyUnsupported, KeyWeak
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_types import PRIVATE_MEMBERS
from tests.jose.jwk.sample_keys import ALL, ASYMMETRIC, SYMMETRIC, members, sample


@pytest.mark.parametrize("alg", ALL)
def test_generate_fits_its_algorithm(alg: str) -> None:
    """A generated key is private, bound to its algorithm, and of the type and curve that this takes."""
    key, row = sample(alg), SIGNATURE_ALGORITHMS[alg]

    assert (key.alg, key.kty, key.is_private) == (alg, row.kty, True)
    assert key.crv in (row.curves or (None,))


def test_generate_names_the_key_by_its_thumbprint() -> None:
    """The kid is the thumbprint unless another is given."""
    key = Key.generate("ES256")

    assert key.kid == key.thumbprint()
    assert Key.generate("ES256", kid="mine").kid == "mine"


def test_generate_makes_another_key_each_time() -> None:
    """Two generated keys are never the same."""
    assert Key.generate("HS256") != Key.generate("HS256")
    assert Key.generate("Ed25519").thumbprint() != Key.generate("Ed25519").thumbprint()


@pytest.mark.parametrize("alg", ["none", "EdDSA", "RSA1_5", "es256", "", "HS1"])
def test_generate_refuses_what_signs_nothing(alg: str) -> None:
    """No key is made for an algorithm that does not sign; EdDSA does not say which curve."""
    with pytest.raises(ValueError, match="alg"):
        Key.generate(alg)


@pytest.mark.parametrize("alg", ALL)
def test_jwk_round_trip(alg: str) -> None:
    """A private JWK, parsed or as text or bytes, gives the same key again."""
    key = sample(alg).replace(use="sig", key_ops=("sign", "verify"))
    jwk = key.to_jwk(private=True)

    assert Key.from_jwk(jwk) == key
    assert Key.from_jwk(json.dumps(jwk)) == key
    assert Key.from_jwk(json.dumps(jwk).encode()) == key
    assert hash(Key.from_jwk(jwk)) == hash(key)


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_public_jwk_leaks_no_private_member(alg: str) -> None:
    """Without private=True no private member is written, neither of the key nor of its public half."""
    key = sample(alg)

    for jwk in (key.to_jwk(), key.public_key().to_jwk()):
        assert PRIVATE_MEMBERS[key.kty].isdisjoint(jwk)
        assert jwk["kid"] == key.kid
    assert Key.from_jwk(key.to_jwk()) == key.public_key()


@pytest.mark.parametrize("alg", SYMMETRIC)
def test_symmetric_key_has_no_public_form(alg: str) -> None:
    """A symmetric key is written only as a JWK and only with private=True."""
    key = sample(alg)

    for write in (key.to_jwk, key.public_key, key.to_pem, key.to_der, lambda: key.to_pem(private=True)):
        with pytest.raises(ValueError, match="symmetric"):
            write()


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_public_key_has_no_private_form(alg: str) -> None:
    """Asking a public key for its private members is an error, not an empty answer."""
    public = sample(alg).public_key()

    assert public.is_private is False
    assert public.public_key() is public
    for write in (public.to_jwk, public.to_pem, public.to_der):
        with pytest.raises(ValueError, match="no private"):
            write(private=True)


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_public_half_keeps_what_is_said_about_the_key(alg: str) -> None:
    """The public half has the same alg, kid, use and thumbprint; sign becomes verify."""
    key = sample(alg).replace(use="sig", key_ops=("sign",))
    public = key.public_key()

    assert (public.alg, public.kid, public.use, public.key_ops) == (alg, key.kid, "sig", ("verify",))
    assert public.thumbprint() == key.thumbprint()
    assert public.material == public.verification_material == key.verification_material


def test_symmetric_key_verifies_with_its_secret() -> None:
    """For a symmetric key, material and verification_material are the bytes themselves."""
    key = Key.from_secret(b"k" * 32)

    assert key.material == key.verification_material == b"k" * 32
    assert (key.kty, key.crv, key.is_private, key.alg, key.kid) == ("oct", None, True, None, None)


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "Ed25519"])
def test_key_never_changes(alg: str) -> None:
    """No attribute can be set, added or deleted."""
    key = sample(alg)

    for name in ("alg", "material", "kid"):
        with pytest.raises(FrozenInstanceError):
            setattr(key, name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(key, name)
    with pytest.raises((AttributeError, TypeError)):
        setattr(key, "anything", 1)  # noqa: B010 - mypy knows that this cannot be written


def test_replace_makes_another_key() -> None:
    """Replace returns a changed key, checked again, and leaves the first one alone."""
    key = sample("ES256")
    renamed = key.replace(kid="other", use="sig")

    assert (renamed.kid, renamed.use, renamed.alg) == ("other", "sig", "ES256")
    assert (key.kid, key.use) == (key.thumbprint(), None)
    with pytest.raises(KeyMismatch):
        key.replace(alg="ES384")


@pytest.mark.parametrize(
    "changes",
    [{"kid": "other"}, {"alg": None}, {"use": "sig"}, {"key_ops": ("sign",)}],
)
def test_equality_is_by_content(changes: Any) -> None:
    """Keys are equal when everything about them is: material and parameters."""
    key = sample("ES256")
    same = Key.from_jwk(key.to_jwk(private=True))

    assert same == key
    assert key.replace(**changes) != key
    assert key.public_key() != key
    assert key != "a key"
    assert len({key, same, key.replace(**changes)}) == 2


def test_allowance_is_part_of_the_key() -> None:
    """A key that may be weak is not the same as one that may not."""
    assert Key.from_secret(b"k" * 32) != Key.from_secret(b"k" * 32, allow_weak=True)


@pytest.mark.parametrize("alg", ALL)
def test_nothing_shows_the_secret(alg: str) -> None:
    """Neither repr nor str nor a formatted string holds a private member."""
    key = sample(alg)
    jwk = key.to_jwk(private=True)
    shown = f"{key!r} {key} {key:}"

    for name in PRIVATE_MEMBERS[key.kty] & jwk.keys():
        assert str(jwk[name]) not in shown
    assert alg in shown
    assert "secret" not in shown


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "Ed25519"])
def test_secrets_are_not_pickled(alg: str) -> None:
    """Pickle refuses private and symmetric keys: caches and queues are no place for them."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(sample(alg), protocol)


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_public_keys_are_pickled_as_jwk(alg: str) -> None:
    """A public key survives pickling, and is checked again on the other side."""
    public = sample(alg).public_key()

    assert pickle.loads(pickle.dumps(public)) == public  # noqa: S301 - our own bytes


def test_copies_are_the_key_itself() -> None:
    """What never changes need not be copied, so no second copy of a secret arises."""
    key = sample("HS256")

    assert copy.copy(key) is key
    assert copy.deepcopy({"key": key})["key"] is key


@pytest.mark.parametrize("material", ["x" * 64, None, 7, bytearray(64), memoryview(b"x" * 64), object()])
def test_only_bytes_and_key_objects_are_material(material: Any) -> None:
    """Text is never a secret, and no other object is a key."""
    with pytest.raises(TypeError):
        Key(material)
    with pytest.raises(TypeError):
        Key.from_secret(material)


def test_key_objects_of_the_library_are_taken() -> None:
    """A key object of the cryptographic library makes a key directly, and is checked like any other."""
    private = ec.generate_private_key(ec.SECP256R1())

    assert Key(private, alg="ES256").public_key() == Key(private.public_key(), alg="ES256")
    with pytest.raises(KeyUnsupported):
        Key(ec.generate_private_key(ec.SECP224R1()))
    with pytest.raises(TypeError):
        Key(dsa.generate_private_key(2048))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "document", [[], [{}], None, 1, 1.5, True, "[]", "2", "null", '"x"', b"true", "", b"\xff"]
)
def test_json_that_is_no_object_is_refused(document: Any) -> None:
    """Whatever JSON has besides objects is no JWK."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk(document)


@pytest.mark.parametrize("document", [object(), {1, 2}, bytearray(b"{}"), Key])
def test_what_json_does_not_have_is_a_mistake(document: Any) -> None:
    """An argument that no JSON document becomes is the programmer's mistake."""
    with pytest.raises(TypeError):
        Key.from_jwk(document)


def test_jwk_text_is_strict_json() -> None:
    """Duplicate members, byte order marks, other encodings and overlong text are refused (RFC 7517 s4)."""
    text = json.dumps(members("ES256"))
    duplicate = text[:-1] + ', "kid": "other"}'

    assert Key.from_jwk(text).alg == "ES256"
    for bad in (duplicate, "\ufeff" + text, text.encode("utf-16"), text + "x", text + " " * 65536):
        with pytest.raises(KeyInvalid):
            Key.from_jwk(bad)


def test_unknown_members_are_ignored() -> None:
    """Members that nobody here understands change nothing (RFC 7517 s4)."""
    jwk = members("ES256")
    odd = {**jwk, "x-ours": [{"deep": None}], "iat": 1, "p": 5, "n": "AQAB"}

    assert Key.from_jwk(odd) == Key.from_jwk(jwk)


@pytest.mark.parametrize("name", ["x5c", "x5u", "jku", "jwk", "x5t", "x5t#S256"])
def test_certificates_and_addresses_are_no_source_of_keys(name: str) -> None:
    """x5c, x5u and their like are ignored: the key is its members alone (RFC 8725 s3.10)."""
    jwk, other = members("RS256"), members("ES256")

    for value in (["MIIB"], "https://attacker.example/keys", other, 7):
        assert Key.from_jwk({**jwk, name: value}) == Key.from_jwk(jwk)
    with pytest.raises(KeyInvalid):
        Key.from_jwk({"kty": "RSA", name: ["MIIB"]})


@pytest.mark.parametrize("kty", ["AKP", "DSA", "rsa", "ec", "Oct", "", "__class__", "oct "])
def test_unknown_key_type_is_unsupported(kty: str) -> None:
    """Key types are case-sensitive, and others than the four are not used (RFC 7518 s6.1)."""
    with pytest.raises(KeyUnsupported):
        Key.from_jwk({**members("ES256"), "kty": kty})


@pytest.mark.parametrize("kty", [None, 1, ["EC"], {"EC": 1}, True, "\ud800"])
def test_key_type_must_be_text(kty: Any) -> None:
    """The key type is required and a string (RFC 7517 s4.1)."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("ES256"), "kty": kty})


def test_key_type_is_required() -> None:
    """A JWK without kty is refused (RFC 7517 s4.1)."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({name: value for name, value in members("ES256").items() if name != "kty"})


@pytest.mark.parametrize(
    ("alg", "wrong"),
    [
        ("ES256", "ES384"),
        ("ES384", "ES256"),
        ("ES256", "ES256K"),
        ("ES256K", "ES256"),
        ("Ed25519", "Ed448"),
        ("Ed448", "Ed25519"),
        ("RS256", "HS256"),
        ("RS256", "ES256"),
        ("ES256", "RS256"),
        ("ES256", "HS256"),
        ("HS256", "RS256"),
        ("HS256", "EdDSA"),
        ("Ed25519", "ES256"),
    ],
)
def test_algorithm_must_fit_key_type_and_curve(alg: str, wrong: str) -> None:
    """A key bound to an algorithm of another type or curve is refused (RFC 7518 s3.4, RFC 8725 s3.1)."""
    with pytest.raises(KeyMismatch):
        Key.from_jwk({**members(alg, private=True), "alg": wrong})


@pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA1_5", "ES521", "dir", "none", "es256"])
def test_other_algorithms_are_kept_and_bind_the_key(alg: str) -> None:
    """An algorithm that signs nothing here is kept: the key is bound to it and used for nothing else."""
    assert Key.from_jwk({**members("RS256"), "alg": alg}).alg == alg


def test_explicit_algorithm_must_exist() -> None:
    """A misspelt alg argument is the programmer's mistake, found at once."""
    with pytest.raises(ValueError, match="unknown alg"):
        Key.from_pem(sample("ES256").to_pem(), alg="ES265")
    with pytest.raises(ValueError, match="unknown alg"):
        Key.from_der(sample("ES256").to_der(), alg="es256")
    with pytest.raises(ValueError, match="unknown alg"):
        Key.from_secret(b"k" * 32, alg="HS265")


@pytest.mark.parametrize(
    "change",
    [
        {"kid": "k" * 2000},
        {"n": "!"},
        {"e": "AQ"},
        {"alg": "ES256"},
        {"kty": "AKP"},
        {"key_ops": ["verify", "verify"]},
    ],
)
def test_refusals_tell_nothing_of_the_key(change: dict[str, Any]) -> None:
    """Neither the text of a refusal nor what it was raised from holds anything of the key."""
    jwk = {**members("RS256", private=True), **change}

    with pytest.raises((KeyInvalid, KeyWeak, KeyMismatch, KeyUnsupported)) as refusal:
        Key.from_jwk(json.dumps(jwk))

    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    for value in jwk.values():
        if isinstance(value, str) and len(value) > 5:
            assert value not in str(refusal.value)
