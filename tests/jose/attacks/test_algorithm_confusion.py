"""Attacks on the choice of algorithm and key: what a token says of itself decides nothing (RFC 8725 s3.1)."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jotpass import jose
from jotpass.jose import Key, KeySet
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.errors import (
    AlgorithmNotAllowed,
    HeaderInvalid,
    JoseError,
    KeyAmbiguous,
    KeyMismatch,
    KeyNotFound,
    KeyRefused,
    KeyWeak,
    SignatureInvalid,
)
from jotpass.jose.limits import MAX_KID_LENGTH, MAX_TRIED_KEYS
from tests.jose.forging import CLAIMS, NOW, forge, forge_hmac, segment
from tests.jose.jwk.sample_keys import sample

EVERYTHING = tuple(SIGNATURE_ALGORITHMS)


def verify(token: str | bytes, keys: Key | KeySet, algorithms: Any = EVERYTHING) -> jose.ClaimsSet:
    """Verify as leniently as the interface allows: every algorithm is accepted."""
    return jose.verify_jwt(token, keys, algorithms=algorithms, now=NOW)


def public_forms(key: Key) -> dict[str, bytes]:
    """What an attacker may take for the bytes of a public key."""
    public: Any = key.verification_material
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = json.dumps(key.public_key().to_jwk()).encode()
    return {
        "PEM": pem,
        "PEM without its last newline": pem.strip(),
        "PEM after white space": b"\n " + pem,
        "PEM with other line ends": pem.replace(b"\n", b"\r\n"),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "JWK": jwk,
        "JWK Set": b'{"keys":[' + jwk + b"]}",
        "modulus or coordinate": key.public_key().to_jwk()[{"RSA": "n"}.get(key.kty, "x")].encode(),
    }


# --- the algorithm "none" -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "none ", "", "null"])
@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "Ed25519"])
def test_alg_none_is_refused_however_it_is_spelled(alg: str, name: str) -> None:
    """An unsecured token never verifies, with an empty signature or with any other."""
    unsigned = f"{segment({'alg': name})}.{segment(CLAIMS)}."
    for token in (unsigned, unsigned + "AAAA", unsigned + segment(b"\0" * 64)):
        with pytest.raises(AlgorithmNotAllowed):
            verify(token, sample(alg))


def test_alg_none_cannot_be_accepted() -> None:
    """Not even on demand: there is no such algorithm."""
    for name in ("none", "RSA1_5"):
        with pytest.raises(ValueError, match="unknown algorithms"):
            jose.Verifier(sample("HS256"), algorithms=["HS256", name])
        with pytest.raises(ValueError, match="algorithm"):
            jose.sign_jwt(CLAIMS, sample("HS256"), algorithm=name)


@pytest.mark.parametrize(
    "alg", ["XX256", "HS255", "hs256", "HS256 ", "ES521", "A128KW", "dir", "__proto__", "\u212a"]
)
def test_unknown_alg_is_refused_and_not_taken_for_no_signature(alg: str) -> None:
    """An algorithm that nobody knows is an error; names are case-sensitive."""
    for token in (
        f"{segment({'alg': alg})}.{segment(CLAIMS)}.",
        forge({"alg": alg}, CLAIMS, sample("HS256")),
    ):
        with pytest.raises(AlgorithmNotAllowed):
            verify(token, sample("HS256"))


@pytest.mark.parametrize("alg", [None, 1, True, ["HS256"], {"HS256": 1}])
def test_alg_of_another_type_is_refused(alg: object) -> None:
    """``alg`` is a string or the header is invalid."""
    with pytest.raises(HeaderInvalid):
        verify(forge({"alg": alg}, CLAIMS, sample("HS256")), sample("HS256"))


def test_missing_alg_is_refused() -> None:
    """RFC 7515 s4.1.1: it must be there."""
    with pytest.raises(HeaderInvalid):
        verify(forge({"typ": "JWT"}, CLAIMS, sample("HS256")), sample("HS256"))


# --- a public key as a shared secret ------------------------------------------------------------------------


@pytest.mark.parametrize("form", public_forms(sample("RS256")))
def test_rs256_public_key_as_hmac_secret_is_refused(form: str) -> None:
    """CVE-2015-9235 and its many children: HS256 under the bytes of an RSA public key."""
    key = sample("RS256").public_key().replace(alg=None)
    token = forge_hmac({"alg": "HS256", "typ": "JWT"}, CLAIMS, public_forms(sample("RS256"))[form])
    with pytest.raises(AlgorithmNotAllowed):
        verify(token, key, ["RS256"])
    with pytest.raises(KeyMismatch):
        verify(token, key, ["RS256", "HS256"])
    with pytest.raises(KeyNotFound):
        verify(token, KeySet([key]), ["RS256", "HS256"])


@pytest.mark.parametrize("alg", ["ES256", "Ed25519"])
@pytest.mark.parametrize("form", public_forms(sample("ES256")))
def test_public_key_on_a_curve_as_hmac_secret_is_refused(form: str, alg: str) -> None:
    """The same with the other key types."""
    token = forge_hmac({"alg": "HS256"}, CLAIMS, public_forms(sample(alg))[form])
    with pytest.raises(KeyMismatch):
        verify(token, sample(alg).public_key().replace(alg=None))


def test_mixed_key_set_does_not_lend_a_public_key_to_hmac() -> None:
    """A set with secrets and public keys, and a ``kid`` that points at a public one."""
    public = sample("RS256").public_key().replace(alg=None, kid="rsa")
    keys = KeySet([public, sample("HS256").replace(alg=None, kid="secret")])
    for form in public_forms(public).values():
        with pytest.raises(KeyMismatch):
            verify(forge_hmac({"alg": "HS256", "kid": "rsa"}, CLAIMS, form), keys)
        with pytest.raises(SignatureInvalid):
            verify(forge_hmac({"alg": "HS256"}, CLAIMS, form), keys)


@pytest.mark.parametrize("key", [b"x" * 32, "y" * 32, bytearray(32), None, {"kty": "oct", "k": "eA"}, [], 1])
def test_only_key_objects_are_keys(key: Any) -> None:
    """No bytes, text or JSON is ever accepted where a key belongs."""
    token = forge_hmac({"alg": "HS256"}, CLAIMS, b"x" * 32)
    with pytest.raises(TypeError):
        verify(token, key)
    with pytest.raises(TypeError):
        jose.jws.verify_compact(token, key, algorithms=["HS256"])
    with pytest.raises(TypeError):
        jose.Verifier(key, algorithms=["HS256"])
    with pytest.raises(TypeError):
        jose.sign_jwt(CLAIMS, key, algorithm="HS256")


def test_key_set_does_not_sign() -> None:
    """Signing names one key."""
    keys: Any = KeySet([sample("HS256")])
    with pytest.raises(TypeError):
        jose.sign_jwt(CLAIMS, keys)


# --- a key for another algorithm ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "other"),
    [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512"), ("HS256", "HS512"), ("ES256", "ES256K")],
)
def test_alg_other_than_that_of_the_key_is_refused(bound: str, other: str) -> None:
    """CVE-2026-48523: a key names one algorithm, and nothing else verifies under it."""
    secret = Key.from_secret(b"s" * 64).replace(alg=bound) if bound == "HS256" else sample(bound)
    maker = secret.replace(alg=None) if bound != "ES256" else sample(other).replace(alg=None)
    token = jose.sign_jwt(CLAIMS, maker, algorithm=other)
    with pytest.raises(KeyMismatch):
        verify(token, secret)
    with pytest.raises(KeyMismatch):
        verify(
            jose.sign_jwt(CLAIMS, maker, algorithm=other, headers={"kid": "k"}),
            KeySet([secret.replace(kid="k")]),
        )


def test_algorithms_must_be_given_for_a_key_that_names_none() -> None:
    """Nobody guesses an algorithm from the token (RFC 8725 s3.1)."""
    unbound = sample("RS256").replace(alg=None)
    for keys in (unbound, KeySet([sample("ES256"), unbound])):
        with pytest.raises(ValueError, match="algorithms must be given"):
            jose.Verifier(keys)
    with pytest.raises(ValueError, match="algorithm must be given"):
        jose.sign_jwt(CLAIMS, unbound)
    with pytest.raises(ValueError, match="must not be empty"):
        jose.Verifier(unbound, algorithms=[])


@pytest.mark.parametrize("algorithms", ["HS256", b"HS512", [b"HS256"], [1], [None], 1])
def test_algorithms_is_a_collection_of_names(algorithms: Any) -> None:
    """A single string would be a set of letters, and a substring no match."""
    with pytest.raises(TypeError):
        jose.Verifier(sample("HS256"), algorithms=algorithms)


def test_algorithm_that_is_not_listed_is_refused() -> None:
    """The verifier's list wins over what the key could do."""
    token = jose.sign_jwt(CLAIMS, sample("RS256").replace(alg=None), algorithm="RS512")
    with pytest.raises(AlgorithmNotAllowed):
        verify(token, sample("RS256").replace(alg=None), ["RS256", "RS384"])


@pytest.mark.parametrize(
    ("alg", "wrong"),
    [("ES256", "ES384"), ("ES384", "ES256"), ("ES512", "ES256"), ("ES256", "ES256K"), ("ES256K", "ES256")],
)
def test_ecdsa_with_the_curve_of_another_algorithm_is_refused(alg: str, wrong: str) -> None:
    """The algorithm fixes the curve (RFC 7518 s3.4)."""
    token = forge({"alg": alg}, CLAIMS, sample(alg), alg)
    verify(token, sample(alg).replace(alg=None))
    with pytest.raises(KeyMismatch):
        verify(token, sample(wrong).replace(alg=None))
    with pytest.raises(KeyMismatch):
        jose.sign_jwt(CLAIMS, sample(wrong).replace(alg=None), algorithm=alg)


@pytest.mark.parametrize("alg", ["Ed25519", "Ed448"])
def test_eddsa_is_accepted_only_where_it_is_listed(alg: str) -> None:
    """No key implies the polymorphic name; where listed it is the algorithm of the key's curve (RFC 9864)."""
    token = forge({"alg": "EdDSA"}, CLAIMS, sample(alg), alg)
    for key in (sample(alg), sample(alg).replace(alg=None)):
        assert verify(token, key, ["EdDSA"])["sub"] == "42"
        with pytest.raises(AlgorithmNotAllowed):
            verify(token, key, ["Ed25519", "Ed448"])
    with pytest.raises(AlgorithmNotAllowed):
        jose.verify_jwt(token, sample(alg), now=NOW)
    other = sample("Ed448" if alg == "Ed25519" else "Ed25519")
    with pytest.raises(JoseError):
        verify(token, other, ["EdDSA"])


def test_eddsa_is_never_written() -> None:
    """A key that names itself EdDSA signs with the full name of its curve, and verifies both."""
    key = sample("Ed25519").replace(alg="EdDSA")
    with pytest.raises(ValueError, match="not one that signs"):
        jose.sign_jwt(CLAIMS, key, algorithm="EdDSA")
    token = jose.sign_jwt(CLAIMS, key)
    assert jose.peek_unverified(token).header["alg"] == "Ed25519"
    assert jose.verify_jwt(token, key, now=NOW)["sub"] == "42"
    assert jose.verify_jwt(forge({"alg": "EdDSA"}, CLAIMS, key, "Ed25519"), key, now=NOW)["sub"] == "42"


@pytest.mark.parametrize(("alg", "other"), [("Ed25519", "Ed448"), ("Ed448", "Ed25519")])
def test_edwards_curves_are_not_exchanged(alg: str, other: str) -> None:
    """Each full name is for its own curve."""
    with pytest.raises(KeyMismatch):
        verify(forge({"alg": alg}, CLAIMS, sample(alg), alg), sample(other).replace(alg=None))


# --- keys that a token brings along -------------------------------------------------------------------------


def test_embedded_jwk_is_not_trusted() -> None:
    """CVE-2018-0114: a token signed with the key in its own header."""
    for alg in ("RS256", "ES256", "Ed25519"):
        attacker = Key.generate(alg)
        header = {"alg": alg, "jwk": attacker.public_key().to_jwk(), "kid": "k"}
        token = forge(header, CLAIMS, attacker, alg)
        ours = sample(alg).public_key().replace(kid="k")
        for keys in (ours, KeySet([ours])):
            with pytest.raises(SignatureInvalid):
                verify(token, keys)


@pytest.mark.parametrize("member", ["jku", "x5u", "x5c", "x5t", "x5t#S256", "jwk"])
def test_key_sources_in_the_header_are_ignored(member: str) -> None:
    """Nothing is fetched or parsed: a token with odd sources verifies under our key, and only under ours."""
    for value in ("https://evil.example/jwks.json", "file:///etc/passwd", ["!"], {"kty": "none"}, None):
        token = forge({"alg": "HS256", member: value}, CLAIMS, sample("HS256"))
        assert verify(token, sample("HS256"))["sub"] == "42"
        with pytest.raises(SignatureInvalid):
            verify(token, Key.generate("HS256"))


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "/dev/null",
        "key' UNION SELECT 'secret",
        "*)(uid=*",
        "; rm -rf /",
        "k\0",
        "K",
        "\uff4b",
        "",
        "https://evil.example/key",
    ],
)
def test_kid_is_an_opaque_string(kid: str) -> None:
    """Injection through ``kid``: it is compared and nothing else, byte by byte."""
    keys = KeySet([sample("HS256").replace(kid="k")])
    for secret in (b"", b"\0", sample("HS256").material):
        assert isinstance(secret, bytes)
        with pytest.raises(KeyNotFound):
            verify(forge_hmac({"alg": "HS256", "kid": kid}, CLAIMS, secret), keys)


@pytest.mark.parametrize("kid", [1, None, True, ["k"], {"k": 1}, "k" * (MAX_KID_LENGTH + 1)])
def test_kid_is_a_string_of_bounded_length(kid: object) -> None:
    """Anything else is an invalid header, for a key and for a set."""
    token = forge({"alg": "HS256", "kid": kid}, CLAIMS, sample("HS256"))
    for keys in (sample("HS256"), KeySet([sample("HS256")])):
        with pytest.raises(HeaderInvalid):
            verify(token, keys)


# --- several keys -------------------------------------------------------------------------------------------


def test_kid_chooses_and_no_other_key_is_tried() -> None:
    """A good signature under another key of the set than the one that ``kid`` names does not count."""
    first, second = Key.generate("HS256", kid="1"), Key.generate("HS256", kid="2")
    keys = KeySet([first, second])
    assert verify(forge({"alg": "HS256", "kid": "2"}, CLAIMS, second), keys).key == second
    with pytest.raises(SignatureInvalid):
        verify(forge({"alg": "HS256", "kid": "1"}, CLAIMS, second), keys)
    with pytest.raises(KeyNotFound):
        verify(forge({"alg": "HS256", "kid": "3"}, CLAIMS, second), keys)


def test_duplicate_kid_is_decided_by_key_type() -> None:
    """Keys of different types may share a ``kid`` (RFC 7517 s4.5): ``alg`` decides, whatever the order."""
    members = [sample(alg).replace(kid="k") for alg in ("RS256", "ES256", "HS256")]
    for keys in (KeySet(members), KeySet(members[::-1])):
        for member in members:
            token = jose.sign_jwt(CLAIMS, member)
            assert verify(token, keys).key == member


def test_without_kid_the_fitting_keys_are_tried_and_no_more_than_a_few() -> None:
    """The signature decides among few; a large set is refused rather than worked through."""
    members = [Key.generate("HS256") for _ in range(MAX_TRIED_KEYS)]
    keys = KeySet([sample("RS256"), *members])
    for member in members:
        assert verify(forge({"alg": "HS256"}, CLAIMS, member), keys).key == member
    with pytest.raises(SignatureInvalid):
        verify(forge({"alg": "HS256"}, CLAIMS, Key.generate("HS256")), keys)
    with pytest.raises(KeyAmbiguous):
        verify(forge({"alg": "HS256"}, CLAIMS, members[0]), KeySet([*members, Key.generate("HS256")]))


def test_keys_without_kid_share_a_header() -> None:
    """A verifier that has seen one of them does not hold the header to it."""
    members = [Key.generate("HS256").replace(kid=None) for _ in range(2)]
    verifier = jose.Verifier(KeySet(members))
    for member in [*members, *members]:
        assert verifier.verify(jose.sign_jwt(CLAIMS, member), now=NOW).key == member


def test_empty_set_verifies_nothing() -> None:
    """No key, no token."""
    with pytest.raises(KeyNotFound):
        verify(forge({"alg": "HS256"}, CLAIMS, sample("HS256")), KeySet([]))
    with pytest.raises(JoseError):
        jose.verify_jwt(forge({"alg": "HS256"}, CLAIMS, sample("HS256")), KeySet([]))


def test_encryption_keys_of_a_set_verify_nothing() -> None:
    """A JWK Set may hold keys of both uses; those for encryption are passed over."""
    signing, encrypting = (
        sample("RS256"),
        Key.generate("RS256").replace(alg="RSA-OAEP-256", use="enc", kid="e"),
    )
    keys = KeySet([encrypting, signing])
    assert jose.verify_jwt(jose.sign_jwt(CLAIMS, signing), keys, now=NOW).key == signing
    forged = forge({"alg": "RS256", "kid": "e"}, CLAIMS, encrypting, "RS256")
    with pytest.raises(KeyMismatch):
        jose.verify_jwt(forged, keys, now=NOW)


# --- what a key may be used for -----------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "Ed25519"])
def test_key_for_another_use_is_refused(alg: str) -> None:
    """``use`` and ``key_ops`` are obeyed (RFC 7517 s4.2, s4.3)."""
    token = jose.sign_jwt(CLAIMS, sample(alg))
    changes: list[dict[str, Any]] = [
        {"use": "enc"},
        {"use": "tls"},
        {"key_ops": ("encrypt",)},
        {"key_ops": ()},
    ]
    for change in changes:
        key = sample(alg).replace(alg=None, **change)
        with pytest.raises(KeyMismatch):
            verify(token, key)
        with pytest.raises(KeyMismatch):
            jose.sign_jwt(CLAIMS, key, algorithm=alg)


def test_key_operations_are_told_apart() -> None:
    """A secret for verifying does not sign, nor the reverse; a private key that signs holds what verifies."""
    secret = sample("HS256")
    with pytest.raises(KeyMismatch):
        jose.sign_jwt(CLAIMS, secret.replace(key_ops=("verify",)))
    token = jose.sign_jwt(CLAIMS, secret.replace(key_ops=("sign",)))
    assert verify(token, secret.replace(key_ops=("verify",)))["sub"] == "42"
    with pytest.raises(KeyMismatch):
        verify(token, secret.replace(key_ops=("sign",)))
    private = sample("ES256").replace(key_ops=("sign",))
    assert verify(jose.sign_jwt(CLAIMS, private), private)["sub"] == "42"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "ES256K", "Ed25519", "Ed448"])
def test_public_key_does_not_sign(alg: str) -> None:
    """CVE-2024-33663: what everybody has signs nothing."""
    with pytest.raises(KeyMismatch):
        jose.sign_jwt(CLAIMS, sample(alg).public_key())


@pytest.mark.parametrize(("alg", "length"), [("HS256", 31), ("HS384", 47), ("HS512", 63)])
def test_weak_hmac_secret_is_refused(alg: str, length: int) -> None:
    """RFC 7518 s3.2: at least as long as the hash, in signing and in verifying."""
    with pytest.raises(KeyWeak):
        Key.from_secret(b"s" * length, alg=alg)
    weak = Key.from_secret(b"s" * length, allow_weak=True)
    unbound = Key.from_secret(b"s" * max(length, 32))
    assert verify(jose.sign_jwt(CLAIMS, weak, algorithm=alg), weak)["sub"] == "42"
    if length >= 32:
        with pytest.raises(KeyWeak):
            jose.sign_jwt(CLAIMS, unbound, algorithm=alg)
        with pytest.raises(KeyWeak):
            verify(forge({"alg": alg}, CLAIMS, unbound, alg), unbound)


def test_empty_hmac_secret_is_refused() -> None:
    """CVE-2026-49852: a key of nothing signs for everybody."""
    token = f"{segment({'alg': 'HS256'})}.{segment(CLAIMS)}"
    token += "." + segment(hmac.digest(b"", token.encode(), "sha256"))
    with pytest.raises(SignatureInvalid):
        verify(token, sample("HS256"))
    with pytest.raises(KeyWeak):
        Key.from_secret(b"", allow_weak=True)


def test_password_is_no_hmac_key() -> None:
    """RFC 8725 s3.5: text is not a key, however long."""
    password: Any = "correct horse battery staple, again and again"
    with pytest.raises(TypeError):
        Key.from_secret(password)
    with pytest.raises((TypeError, KeyRefused)):
        Key.from_jwk(password)
