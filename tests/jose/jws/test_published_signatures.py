"""Signatures that RFCs print, and those that Wycheproof made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotpass.jose import Key, jws
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_decode
from jotpass.jose.errors import AlgorithmNotAllowed, JoseError, KeyMismatch
from jotpass.jose.jws.signing import make_signature, prepare_check
from tests.vectors import read_json, read_text

RFC7515 = "rfc-latchset/rfc7515_A"
COOKBOOK = {
    "4_1.rsa_v15_signature": "RS256",
    "4_2.rsa-pss_signature": "PS384",
    "4_3.ecdsa_signature": "ES512",
    "4_4.hmac-sha2_integrity_protection": "HS256",
}

# RFC 8037 appendix A.4, under the key of A.1.
RFC8037_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
RFC8037_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)

# Wycheproof's own mistakes, and its policies that are not ours, each with the reason.
REFUSED_THOUGH_VALID = {
    346: "The key is bound to PS256, the token says PS384.",
    347: "The key's alg is the misspelling ES521.",
    350: "The key is bound to PS256, the token says PS384.",
    351: "The key's alg is the misspelling ES521.",
    372: "A question mark stands inside the header: no base64url.",
    373: "A question mark stands inside the payload: no base64url.",
}
VERIFIED_THOUGH_INVALID = {
    367: "The stored text is the valid token itself, without the padding that the comment speaks of.",
    370: "The stored text is the valid token itself, without the padding that the comment speaks of.",
}


@pytest.mark.vectors
@pytest.mark.parametrize(("example", "alg"), [("1", "HS256"), ("2", "RS256"), ("3", "ES256"), ("4", "ES512")])
def test_rfc7515_examples_verify(example: str, alg: str) -> None:
    """RFC 7515 A.1 to A.4."""
    key = Key.from_jwk(read_text(f"{RFC7515}.{example}.jwk"))
    token = read_text(f"{RFC7515}.{example}.jwsc").strip()
    verified = jws.verify_compact(token, key, algorithms=[alg])
    assert verified.header["alg"] == alg
    assert verified.payload == b64url_decode(token.split(".")[1])


@pytest.mark.vectors
@pytest.mark.parametrize(("example", "alg"), [("1", "HS256"), ("2", "RS256")])
def test_rfc7515_deterministic_examples_are_made_again(example: str, alg: str) -> None:
    """RFC 7515 A.1 and A.2 leave no choice to the signer."""
    key = Key.from_jwk(read_text(f"{RFC7515}.{example}.jwk"))
    signing_input, _, signature = read_text(f"{RFC7515}.{example}.jwsc").strip().rpartition(".")
    made = make_signature(SIGNATURE_ALGORITHMS[alg], key.material, signing_input.encode())
    assert made == b64url_decode(signature)


@pytest.mark.vectors
def test_rfc7515_unsecured_example_is_refused() -> None:
    """RFC 7515 A.5, whichever algorithms are accepted."""
    key = Key.from_jwk(read_text(f"{RFC7515}.1.jwk"))
    with pytest.raises(AlgorithmNotAllowed):
        jws.verify_compact(read_text(f"{RFC7515}.5.jwsc").strip(), key, algorithms=SIGNATURE_ALGORITHMS)


@pytest.mark.vectors
@pytest.mark.parametrize("name", COOKBOOK)
def test_rfc7520_examples_verify(name: str) -> None:
    """RFC 7520 s4.1 to s4.4."""
    example = read_json(f"rfc7520-cookbook/jws/{name}.json")
    verified = jws.verify_compact(
        example["output"]["compact"], Key.from_jwk(example["input"]["key"]), algorithms=[COOKBOOK[name]]
    )
    assert verified.payload == example["input"]["payload"].encode()
    assert verified.header == example["signing"]["protected"]


def test_rfc8037_example_verifies() -> None:
    """RFC 8037 A.4, where the deprecated name is listed."""
    key = Key.from_jwk(RFC8037_KEY)
    assert jws.verify_compact(RFC8037_JWS, key, algorithms=["EdDSA"]).payload == b"Example of Ed25519 signing"
    with pytest.raises(AlgorithmNotAllowed):
        jws.verify_compact(RFC8037_JWS, key, algorithms=["Ed25519"])


def test_rfc8037_signature_is_made_again() -> None:
    """The bytes that RFC 8037 A.4 signs get the signature that it prints."""
    signing_input, _, signature = RFC8037_JWS.rpartition(".")
    key = Key.from_jwk(RFC8037_KEY)
    made = make_signature(SIGNATURE_ALGORITHMS["Ed25519"], key.material, signing_input.encode())
    assert made == b64url_decode(signature)


def wycheproof() -> list[Any]:
    """Every case, with the key of its group."""
    groups = read_json("wycheproof/jose/json_web_signature_test.json").get("testGroups", [])
    return [
        pytest.param(group.get("public", group["private"]), case, id=str(case["tcId"]))
        for group in groups
        for case in group["tests"]
    ]


@pytest.mark.vectors
@pytest.mark.parametrize(("jwk", "case"), wycheproof())
def test_wycheproof(jwk: dict[str, Any], case: dict[str, Any]) -> None:
    """Valid tokens verify and invalid ones do not, even where every algorithm is accepted."""
    number, token = case["tcId"], case["jws"]
    token = token if isinstance(token, str) else json.dumps(token)
    expected = (
        case["result"] == "valid" and number not in REFUSED_THOUGH_VALID
    ) or number in VERIFIED_THOUGH_INVALID
    try:
        jws.verify_compact(token, Key.from_jwk(jwk), algorithms=SIGNATURE_ALGORITHMS)
    except JoseError:
        assert not expected
    else:
        assert expected


@pytest.mark.vectors
def test_wycheproof_is_whole() -> None:
    """All 401 cases are there: none is lost on the way."""
    assert len(wycheproof()) == 401


@pytest.mark.vectors
@pytest.mark.parametrize("number", [346, 350])
def test_wycheproof_exceptions_fail_for_their_reason(number: int) -> None:
    """The two tokens that a bound key refuses verify once the binding is taken off."""
    jwk, token = next(
        (param.values[0], param.values[1]["jws"]) for param in wycheproof() if param.id == str(number)
    )
    with pytest.raises(KeyMismatch):
        jws.verify_compact(token, Key.from_jwk(jwk), algorithms=["PS384"])
    jws.verify_compact(token, Key.from_jwk(jwk | {"alg": "PS384"}), algorithms=["PS384"])


PRIMITIVES = {
    "ecdsa_secp256r1_sha256_p1363": "ES256",
    "ecdsa_secp384r1_sha384_p1363": "ES384",
    "ecdsa_secp521r1_sha512_p1363": "ES512",
    "ecdsa_secp256k1_sha256_p1363": "ES256K",
    "ed25519": "Ed25519",
    "ed448": "Ed448",
}


@pytest.mark.vectors
@pytest.mark.parametrize("name", PRIMITIVES)
def test_wycheproof_raw_signatures(name: str) -> None:
    """The raw forms of JOSE: exact length, halves in range, no other spelling of the same signature."""
    wrong = []
    for group in read_json(f"wycheproof/primitives/{name}_test.json")["testGroups"]:
        public = group.get("publicKeyDer")
        key = Key.from_der(bytes.fromhex(public), alg=PRIMITIVES[name])
        check = prepare_check(SIGNATURE_ALGORITHMS[PRIMITIVES[name]], key.verification_material)
        for case in group["tests"]:
            try:
                check(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            except JoseError:
                verdict = "invalid"
            else:
                verdict = "valid"
            if verdict != case["result"]:
                wrong.append(case["tcId"])
    assert wrong == []
