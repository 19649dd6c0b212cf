"""The keys that RFCs print, and those that Wycheproof tries to slip in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotpass.jose.errors import JoseError
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.key_set import KeySet
from jotpass.jose.jws.compact import verify_compact
from tests.vectors import FOLDER, read_json, read_text

pytestmark = pytest.mark.vectors

WYCHEPROOF = "wycheproof/jose/json_web_key_test.json"
COOKBOOK = "rfc7520-cookbook/jwk"

# RFC 8037 appendix A.1.
RFC8037_PRIVATE_JWK = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}

# Cases whose expected refusal is a policy, and not ours (flag "Ambiguous"), each with the reason.
POLICY = {
    1: "A set read with private=True may hold secrets beside public keys: typed keys cannot be confused.",
    4: "The second key of this kid is not canonical base64url; RFC 7517 s5 ignores it, and one key is left.",
}


def cookbook_names() -> list[str]:
    """The key files of RFC 7520 s3."""
    return sorted(path.name for path in (FOLDER / COOKBOOK).glob("*.json"))


def wycheproof_cases() -> list[Any]:
    """Every case of json_web_key, with the sets of its group."""
    groups = read_json(WYCHEPROOF).get("testGroups", [])
    return [
        pytest.param(group, case, id=f"tcId{case['tcId']}") for group in groups for case in group["tests"]
    ]


def test_rfc8037_private_key() -> None:
    """RFC 8037 A.1 and A.2: the private key has the public key that is printed."""
    key = Key.from_jwk(RFC8037_PRIVATE_JWK)

    assert key.to_jwk(private=True) == RFC8037_PRIVATE_JWK
    assert key.to_jwk() == {name: value for name, value in RFC8037_PRIVATE_JWK.items() if name != "d"}


@pytest.mark.parametrize("name", cookbook_names())
def test_rfc7520_keys(name: str) -> None:
    """RFC 7520 s3.1-3.6: every key reads, and writes back what was printed."""
    printed = read_json(f"{COOKBOOK}/{name}")
    key = Key.from_jwk(printed)

    assert key.to_jwk(private=key.is_private) == printed


def test_all_of_rfc7520_is_there() -> None:
    """The six keys of RFC 7520 s3 were read."""
    assert len(cookbook_names()) == 6


def test_rfc7517_public_keys() -> None:
    """RFC 7517 A.1: an EC key for encryption and an RSA key."""
    keys = KeySet.from_json(read_text("rfc-latchset/rfc7517_A.1.jwkset"))

    assert [(key.kty, key.kid, key.use, key.alg) for key in keys] == [
        ("EC", "1", "enc", None),
        ("RSA", "2011-04-29", None, "RS256"),
    ]
    assert keys.skipped == ()


@pytest.mark.parametrize("name", ["rfc7517_A.2", "rfc7517_A.3"])
def test_rfc7517_private_and_symmetric_keys(name: str) -> None:
    """RFC 7517 A.2 and A.3: read with private=True, and not a single one without."""
    text = read_text(f"rfc-latchset/{name}.jwkset")
    keys = KeySet.from_json(text, private=True)

    assert json.loads(keys.to_json(private=True)) == json.loads(text)
    assert keys.skipped == ()
    assert KeySet.from_json(text).keys == ()


def test_rfc7517_certificate_chain_is_ignored() -> None:
    """RFC 7517 B: a key with x5c reads as its members say, and x5c is not kept."""
    printed = json.loads(read_text("rfc-latchset/rfc7517_B.jwk"))
    key = Key.from_jwk(printed)

    assert key.to_jwk() == {name: value for name, value in printed.items() if name != "x5c"}


@pytest.mark.parametrize(("group", "case"), wycheproof_cases())
def test_wycheproof_json_web_key(group: dict[str, Any], case: dict[str, Any]) -> None:
    """A token verifies with the set exactly if Wycheproof calls the pair valid, policy apart."""
    public = group.get("public")
    keys = KeySet.from_json(public) if public else KeySet.from_json(group["private"], private=True)
    algorithms = ["HS256", "HS384", "HS512", "RS256", "ES256", "ES384", "ES512"]
    try:
        verify_compact(case["jws"], keys, algorithms=algorithms)
        verified = True
    except JoseError:
        verified = False

    if case["tcId"] in POLICY:
        assert "Ambiguous" in case["flags"]
    else:
        assert verified is (case["result"] == "valid")


def test_wycheproof_policy_cases_hold_in_public() -> None:
    """Read as public documents, the sets of the policy cases verify nothing with their secrets."""
    for param in wycheproof_cases():
        group, case = param.values
        if case["tcId"] in POLICY:
            keys = KeySet.from_json(group["private"])
            with pytest.raises(JoseError):
                verify_compact(case["jws"], keys, algorithms=["HS256", "ES256"])


def test_all_of_wycheproof_is_there() -> None:
    """The 26 cases of json_web_key were tried."""
    assert len(wycheproof_cases()) == read_json(WYCHEPROOF)["numberOfTests"] == 26
