"""Every finding of the catalog: the token that has it, and that the good token has none."""

from __future__ import annotations

import re

import pytest

from jotpass.inspection import FINDING_KINDS, PROFILES, FindingKind, explain
from jotpass.inspection.known_secrets import KNOWN_SECRETS
from tests.inspection.forgery import (
    GOOD_CLAIMS,
    GOOD_HEADER,
    NOW,
    forge,
    hmac_signed,
    segment,
    with_claims,
    with_header,
)

JSON_SERIALIZATION = (
    f'{{"payload": "{segment(GOOD_CLAIMS)}", "signatures": ['
    f'{{"protected": "{segment({"alg": "ES256"})}", "header": {{"kid": "1"}}, "signature": "AQ"}},'
    f'{{"protected": "{segment({"alg": "ES384"})}", "signature": "AQ"}}]}}'
)
JWE_HEADER = {"alg": "RSA-OAEP", "enc": "A256GCM"}


def encrypted(**members: object) -> str:
    """A compact JWE."""
    return f"{segment({**JWE_HEADER, **members})}.AQ.AQ.AQ.AQ"


def payload(document: str | bytes) -> str:
    """An access token whose payload is this text."""
    return forge(claims=document)


EXAMPLES: dict[str, str | bytes] = {
    "input_empty": " \n",
    "input_too_large": "a" * (8 * 1024 * 1024 + 1),
    "looks_like_private_key": "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n",
    "looks_like_public_key": '{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}',
    "looks_like_jwk_set": '{"keys": []}',
    "looks_like_json": '{"detail": "No active account", "code": "no_active_account"}',
    "opaque_token": "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b",
    "header_unreadable": "www.example.org",
    "input_unwrapped": f"Authorization: Bearer {forge()}",
    "segment_count": forge().rpartition(".")[0],
    "token_too_large": with_claims(note="a" * 60_000),
    "token_large": with_claims(note="a" * 4_096),
    "base64url_invalid": forge().rpartition(".")[0] + ".A",
    "base64url_not_canonical": forge(signature=b"\x01" * 64) + "==",
    "json_duplicate_member": payload('{"sub": "1", "sub": "2"}'),
    "json_number_invalid": payload('{"exp": NaN}'),
    "json_byte_order_mark": payload(b'\xef\xbb\xbf{"sub": "1"}'),
    "json_not_utf8": payload(b'{"sub": "\xff"}'),
    "json_too_deep": payload('{"a":' + "[" * 40 + "]" * 40 + "}"),
    "json_trailing_data": payload('{"sub": "1"}{}'),
    "payload_not_claims": payload("hello"),
    "encrypted": encrypted(),
    "nested": encrypted(cty="JWT"),
    "json_serialization": JSON_SERIALIZATION,
    "several_signatures": JSON_SERIALIZATION,
    "unprotected_header": JSON_SERIALIZATION,
    "disclosures": forge() + "~WyJzYWx0Il0~",
    "hidden_characters": with_claims(sub="\u202eevil\x1b[2J"),
    "alg_missing": with_header(alg=None),
    "alg_none": with_header(alg="nOnE"),
    "alg_unknown": with_header(alg="HS1"),
    "alg_deprecated": with_header(alg="EdDSA"),
    "alg_broken": encrypted(alg="RSA1_5"),
    "alg_symmetric": hmac_signed(b"\x00" * 32),
    "alg_symmetric_with_key_source": hmac_signed(b"\x00" * 32, jku="https://evil.example/jwks.json"),
    "secret_well_known": hmac_signed(b"your-256-bit-secret"),
    "typ_missing": with_header(typ=None),
    "typ_unexpected": with_header(typ="JWT"),
    "jku_present": with_header(jku="https://evil.example/jwks.json"),
    "x5u_present": with_header(x5u="https://evil.example/chain.pem"),
    "jwk_present": with_header(jwk={"kty": "EC"}),
    "x5c_present": with_header(x5c=["MIIB"]),
    "jwk_private": with_header(jwk={"kty": "EC", "d": "AQ"}),
    "kid_missing": with_header(kid=None),
    "kid_suspicious": with_header(kid="../../dev/null"),
    "kid_too_long": with_header(kid="k" * 1_025),
    "crit_present": with_header(crit=["exp"]),
    "b64_false": with_header(b64=False),
    "header_wrong_type": with_header(kid=7),
    "zip_present": encrypted(zip="DEF"),
    "p2c_excessive": encrypted(alg="PBES2-HS256+A128KW", p2c=10**9),
    "signature_empty": forge(signature=b""),
    "signature_length": forge(signature=b"\x01" * 63),
    "signature_der": forge(signature=b"\x30\x44" + b"\x01" * 68),
    "iss_missing": with_claims(iss=None),
    "sub_missing": with_claims(sub=None),
    "aud_missing": with_claims(aud=None),
    "exp_missing": with_claims(exp=None),
    "iat_missing": with_claims(iat=None),
    "jti_missing": with_claims(jti=None),
    "claim_missing": with_claims(client_id=None),
    "claim_forbidden": forge(
        {**GOOD_HEADER, "typ": "logout+jwt"}, {**GOOD_CLAIMS, "nonce": "n", "events": {}}
    ),
    "claim_wrong_type": with_claims(sub=42),
    "numeric_date_string": with_claims(exp=str(NOW)),
    "numeric_date_milliseconds": with_claims(exp=NOW * 1000),
    "expired": with_claims(exp=NOW, iat=NOW - 60),
    "not_yet_valid": with_claims(nbf=NOW + 1),
    "iat_in_future": with_claims(iat=NOW + 120),
    "exp_before_start": with_claims(nbf=NOW + 240),
    "exp_far_future": with_claims(exp=NOW + 400 * 86_400),
    "lifetime_long": with_claims(exp=NOW + 3_600),
    "aud_empty": with_claims(aud=[]),
    "aud_wildcard": with_claims(aud=["*"]),
    "iss_not_https": forge({**GOOD_HEADER, "typ": "JWT"}, {**GOOD_CLAIMS, "iss": "me", "nonce": "n"}),
    "sub_is_email": with_claims(sub="ada@example.org"),
    "personal_data": with_claims(birthdate="1815-12-10"),
    "secret_in_claims": with_claims(db_password="hunter2"),
    "number_imprecise": with_claims(account=2**53 + 1),
}


def codes(token: str | bytes, profile: str | None = "access-token") -> list[str]:
    """The codes of the findings about a token."""
    return [finding.code for finding in explain(token, now=NOW, profile=profile).findings]


def test_every_finding_has_an_example() -> None:
    """A finding that no token has would be dead text."""
    assert FINDING_KINDS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_example_has_the_finding(code: str) -> None:
    """Each finding is found in the token that has it."""
    by_token = code in {"iss_not_https", "claim_forbidden"}
    report = explain(EXAMPLES[code], now=NOW, profile=None if by_token else "access-token")
    found = {finding.code: finding for finding in report.findings}
    assert code in found
    assert "{" not in found[code].message + found[code].fix


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_good_token_does_not_have_the_finding(code: str) -> None:
    """An access token as Jotpass issues it has nothing against it."""
    assert code not in codes(forge())


@pytest.mark.parametrize("kind", FINDING_KINDS.values(), ids=lambda kind: kind.code)
def test_findings_are_stable_names_and_sentences(kind: FindingKind) -> None:
    """A code is snake_case, a message is a sentence."""
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", kind.code)
    assert kind.message.endswith(".")


@pytest.mark.parametrize(
    ("kid", "what"),
    [
        ("/etc/passwd", "a path"),
        ("..\\..\\key", "a path"),
        ("https://evil.example/key", "a URL"),
        ("x' UNION SELECT 'secret", "part of an SQL statement"),
        ("key|whoami", "a shell command"),
    ],
)
def test_a_kid_that_attacks_is_told_by_its_kind(kid: str, what: str) -> None:
    """The sentence says what the kid was meant to do (RFC 8725 s3.10)."""
    found = [f for f in explain(with_header(kid=kid), now=NOW).findings if f.code == "kid_suspicious"]
    assert what in found[0].message


@pytest.mark.parametrize(
    "kid", ["2026-08", "wtiYpC3-zX9BUY5ef5wh0nzunc3VbYHyP0xc90kd-zg", "urn:ietf:x:y", "a/b"]
)
def test_an_ordinary_kid_is_not_suspicious(kid: str) -> None:
    """Dates, thumbprints and names are what kids are made of."""
    assert "kid_suspicious" not in codes(with_header(kid=kid))


@pytest.mark.parametrize("secret", KNOWN_SECRETS)
def test_a_secret_out_of_documentation_is_recognised(secret: str) -> None:
    """Whoever reads the same documentation signs the same tokens."""
    assert "secret_well_known" in codes(hmac_signed(secret.encode()))


def test_a_random_secret_is_not_recognised() -> None:
    """Only the listed secrets are tried."""
    assert "secret_well_known" not in codes(hmac_signed(bytes(range(32))))


def test_the_gravest_findings_come_first() -> None:
    """Errors stand before warnings, and those before the rest."""
    severities = [f.severity.value for f in explain(EXAMPLES["secret_well_known"], now=NOW).findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_a_required_claim_is_an_error_and_an_advised_one_a_warning() -> None:
    """The profile decides how much a missing claim matters."""
    token = with_claims(exp=None)
    for profile, severity in (("access-token", "error"), ("jwt", "warning")):
        found = {f.code: f.severity.value for f in explain(token, now=NOW, profile=profile).findings}
        assert found["exp_missing"] == severity


@pytest.mark.parametrize(
    ("token", "profile", "told_by"),
    [
        (forge(), "access-token", "typ"),
        (with_header(typ="application/AT+JWT"), "access-token", "typ"),
        (with_header(typ="rt+jwt"), "refresh-token", "typ"),
        (with_header(typ="dpop+jwt"), "dpop-proof", "typ"),
        (with_header(typ="logout+jwt"), "logout-token", "typ"),
        (forge({"alg": "ES256"}, {**GOOD_CLAIMS, "nonce": "n"}), "id-token", "nonce"),
        (
            forge(
                {"alg": "ES256", "typ": "JWT"},
                {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
            ),
            "logout-token",
            "events",
        ),
        (with_header(typ="JWT"), "jwt", "nothing"),
        (with_header(typ="x-unknown"), "jwt", "nothing"),
        (with_header(typ=["at+jwt"]), "jwt", "nothing"),
    ],
)
def test_the_kind_of_a_token_is_told_by_its_typ_or_by_its_claims(
    token: str, profile: str, told_by: str
) -> None:
    """Explicit types first (RFC 8725 s3.11), then claims that one kind alone has."""
    report = explain(token, now=NOW)
    assert (report.profile.name, report.told_by) == (profile, told_by)


def test_a_key_belongs_into_the_header_of_a_dpop_proof() -> None:
    """RFC 9449 s4.2 wants the public key there; a private one is an error all the same."""
    assert "jwk_present" not in codes(with_header(typ="dpop+jwt", jwk={"kty": "EC"}), "dpop-proof")
    assert "jwk_private" in codes(with_header(typ="dpop+jwt", jwk={"kty": "EC", "d": "AQ"}), "dpop-proof")


def test_an_unknown_profile_is_a_mistake_of_the_caller() -> None:
    """Only the names in PROFILES exist."""
    assert "jwt" in PROFILES
    with pytest.raises(KeyError):
        explain(forge(), now=NOW, profile="nonsense")


def test_a_good_access_token_has_no_finding() -> None:
    """What Jotpass issues itself is beyond reproach."""
    assert codes(forge()) == []
