"""`jotpass verify`: exit codes that scripts can tell apart, and reasons that people can."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from jotpass import jose
from tests.cli.command_line import Answer, run
from tests.inspection.forgery import GOOD_CLAIMS, NOW, forge

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = ("--issuer", "https://id.example", "--audience", "api", "--typ", "at+jwt")
SECRET = "kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD"


def verify(*arguments: object, at: float = NOW, **more: Any) -> Answer:
    """Verify token.txt with jwks.json, unless told otherwise."""
    return run("verify", "@token.txt", *arguments, "--at", at, **more)


def test_a_genuine_token_is_verified(folder: Path) -> None:
    """Exit code 0, the algorithm, the key and the claims."""
    answer = verify("--jwks", "@jwks.json", *EXPECTED)
    assert answer.code == 0
    assert answer.out.startswith("Verified  ES256, key 2026-08")
    assert "https://id.example" in answer.out
    assert answer.err == ""


def test_json_has_header_claims_and_key(folder: Path, key: jose.Key) -> None:
    """A machine reads the claims of a verified token, and what was not checked."""
    answer = verify("--jwks", "@jwks.json", "--any-issuer", *EXPECTED[2:], "--json")
    assert answer.json["verified"] is True
    assert answer.json["claims"] == GOOD_CLAIMS
    assert answer.json["header"]["typ"] == "at+jwt"
    assert answer.json["key"]["thumbprint"] == key.thumbprint()
    assert answer.json["not_checked"] == ["iss"]


def test_what_was_not_checked_is_said(folder: Path) -> None:
    """Doing without issuer and audience shows."""
    answer = verify("--jwks", "@jwks.json", "--any-issuer", "--any-audience", "--typ", "at+jwt")
    assert answer.code == 0
    assert "Not checked: iss, aud." in answer.out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), "issuer_missing"),
        (("--issuer", "x"), "audience_missing"),
        (("--issuer", "", "--any-audience"), "issuer_missing"),
        (("--issuer", "x", "--any-issuer", "--any-audience"), "issuer_contradiction"),
        (("--any-issuer", "--audience", "x", "--any-audience"), "audience_contradiction"),
    ],
)
def test_issuer_and_audience_are_wanted(folder: Path, options: tuple[str, ...], code: str) -> None:
    """A good signature alone says nothing about who issued a token, and for whom."""
    answer = verify("--jwks", "@jwks.json", *options, "--json")
    assert (answer.code, answer.error["code"]) == (2, code)


@pytest.mark.parametrize(
    ("options", "at", "exit_code", "code", "said"),
    [
        (EXPECTED, NOW + 240, 3, "token_expired", "exp is 2026-08-01 08:04:00 UTC"),
        ((*EXPECTED[:2], "--audience", "other", *EXPECTED[4:]), NOW, 1, "audience_mismatch", "It is api"),
        (("--issuer", "https://x", *EXPECTED[2:]), NOW, 1, "issuer_mismatch", "It is https://id.example"),
        (EXPECTED[:4], NOW, 1, "token_wrong_type", "--typ at+jwt"),
        ((*EXPECTED, "--alg", "RS256"), NOW, 1, "algorithm_not_allowed", "It is ES256; accepted is RS256"),
        ((*EXPECTED, "--require", "scope"), NOW, 1, "claim_missing", "scope"),
    ],
)
def test_a_refusal_says_what_it_is_and_what_was_expected(
    *, folder: Path, options: tuple[str, ...], at: float, exit_code: int, code: str, said: str
) -> None:
    """One line with the reason and the code; 1 refused, 3 expired."""
    answer = verify("--jwks", "@jwks.json", *options, at=at)
    assert answer.code == exit_code
    assert said in answer.err
    assert answer.err.endswith(f"[{code}]\n")
    assert answer.out == ""
    machine = verify("--jwks", "@jwks.json", *options, "--json", at=at)
    assert (machine.code, machine.error["code"], machine.json["verified"]) == (exit_code, code, False)


def test_a_forged_token_is_refused(folder: Path) -> None:
    """Same header and claims, another signature."""
    answer = run("verify", "-", "--jwks", "@jwks.json", *EXPECTED, "--at", NOW, "--json", stdin=forge())
    assert (answer.code, answer.error["code"]) == (1, "signature_invalid")


@pytest.mark.parametrize("text", ["", "hello", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "{}", "\x00", "é"])
def test_what_is_no_token_is_refused(folder: Path, text: str) -> None:
    """Any input at all: refused, in one line."""
    answer = run("verify", "-", "--jwks", "@jwks.json", *EXPECTED, stdin=text)
    assert answer.code == 1
    assert answer.err.count("\n") == 1


def test_a_token_is_taken_out_of_its_wrapping(folder: Path, token: str) -> None:
    """A header line, or the JSON answer of a token endpoint."""
    for text in (f"Authorization: Bearer {token}", json.dumps({"access": token})):
        assert run("verify", "--jwks", "@jwks.json", *EXPECTED, "--at", NOW, stdin=text).code == 0


def test_an_unknown_key_is_trouble_with_the_key(folder: Path) -> None:
    """Exit code 4; the kid of the token and those at hand are named."""
    (folder / "other.json").write_text(jose.KeySet([jose.Key.generate("ES256", kid="2025-01")]).to_json())
    answer = verify("--jwks", "@other.json", *EXPECTED)
    assert answer.code == 4
    assert "2026-08" in answer.err
    assert "2025-01" in answer.err
    assert answer.err.endswith("[key_not_found]\n")


def test_keys_that_were_left_out_are_named_when_one_is_missing(folder: Path, key: jose.Key) -> None:
    """The key may be there, and unusable."""
    other = jose.Key.generate("ES256", kid="2025-01").to_jwk()
    (folder / "mixed.json").write_text(json.dumps({"keys": [key.to_jwk(private=True), other]}))
    answer = verify("--jwks", "@mixed.json", *EXPECTED)
    assert answer.code == 4
    assert "Left out: 2026-08, a public set holds no secrets." in answer.err


def test_a_single_jwk_is_no_set(folder: Path) -> None:
    """The answer says where it goes."""
    assert "--key" in verify("--jwks", "@key.jwk", *EXPECTED).err


@pytest.mark.parametrize(
    "document", ["", "hello", "{}", "[]", '{"keys": []}', '{"kty": "EC"}', "-----BEGIN X-----"]
)
def test_a_bad_key_is_trouble_with_the_key(folder: Path, document: str) -> None:
    """Whatever the document is, exit code 4 and one line."""
    (folder / "bad").write_text(document)
    for option in ("--key", "--jwks"):
        answer = verify(option, "@bad", *EXPECTED)
        assert answer.code == 4
        assert answer.err.count("\n") == 1


def test_a_published_set_with_secrets_in_it_is_not_used(folder: Path) -> None:
    """What a public document gives away is no secret any more."""
    answer = verify("--jwks", "@key.jwk", *EXPECTED)
    assert answer.code == 4
    (folder / "leaked.json").write_text(json.dumps({"keys": [json.loads((folder / "key.jwk").read_text())]}))
    leaked = verify("--jwks", "@leaked.json", *EXPECTED)
    assert (leaked.code, "key_private" in leaked.err) == (4, True)
    assert verify("--key", "@leaked.json", *EXPECTED).code == 0


@pytest.mark.parametrize("form", ["pem", "der", "jwk"])
def test_keys_come_in_every_form(folder: Path, key: jose.Key, form: str) -> None:
    """A curve has one algorithm, so a PEM needs no --alg."""
    documents = {"pem": key.to_pem(), "der": key.to_der(), "jwk": json.dumps(key.to_jwk()).encode()}
    (folder / "public").write_bytes(documents[form])
    assert verify("--key", "@public", *EXPECTED).code == 0


def test_keys_for_encryption_in_a_set_are_in_nobodys_way(folder: Path, key: jose.Key) -> None:
    """Issuers publish both; a lone key for encryption is trouble."""
    rsa = jose.Key.generate("RS256").to_jwk()
    encryption = {**rsa, "use": "enc", "alg": "RSA-OAEP", "kid": "e"}
    unnamed = {name: value for name, value in rsa.items() if name != "alg"} | {"use": "enc", "kid": "f"}
    (folder / "both.json").write_text(json.dumps({"keys": [encryption, key.to_jwk(), unnamed]}))
    assert verify("--jwks", "@both.json", *EXPECTED).code == 0
    (folder / "encryption.jwk").write_text(json.dumps(encryption))
    answer = verify("--key", "@encryption.jwk", *EXPECTED)
    assert (answer.code, "[key_mismatch]" in answer.err) == (4, True)


def test_a_key_that_fits_several_algorithms_asks_which(folder: Path) -> None:
    """An RSA key in PEM could be for six of them."""
    rsa = jose.Key.generate("RS256")
    (folder / "rsa.pem").write_bytes(rsa.to_pem())
    token = jose.sign_jwt(GOOD_CLAIMS, rsa, typ="at+jwt")
    asked = run("verify", "-", "--key", "@rsa.pem", *EXPECTED, "--at", NOW, "--json", stdin=token)
    assert (asked.code, asked.error["code"]) == (2, "alg_missing")
    named = run("verify", "-", "--key", "@rsa.pem", "--alg", "RS256", *EXPECTED, "--at", NOW, stdin=token)
    assert named.code == 0


RANDOM = bytes(range(200, 232))


@pytest.mark.parametrize(
    ("secret", "written", "form"),
    [
        (SECRET.encode(), SECRET.encode(), "raw"),
        (SECRET.encode(), SECRET.encode() + b"\n", "raw"),
        (SECRET.encode(), SECRET.encode() + b"\r\n", "raw"),
        (RANDOM, RANDOM, "raw"),
        (RANDOM[:31] + b"\n", RANDOM[:31] + b"\n", "raw"),
        (RANDOM, base64.b64encode(RANDOM) + b"\n", "base64"),
        (RANDOM, base64.urlsafe_b64encode(RANDOM).rstrip(b"="), "base64"),
        (RANDOM, RANDOM.hex().encode() + b"\n", "hex"),
    ],
)
def test_a_shared_secret_is_read_as_it_is_written(
    folder: Path, secret: bytes, written: bytes, form: str
) -> None:
    """Text loses the line break that editors add, random bytes lose nothing; base64 and hex are decoded."""
    token = jose.sign_jwt(GOOD_CLAIMS, jose.Key.from_secret(secret, alg="HS256"))
    (folder / "secret").write_bytes(written)
    options = ("--secret", "@secret", "--secret-format", form, "--alg", "HS256", *EXPECTED[:4], "--at", NOW)
    assert run("verify", "-", *options, stdin=token).code == 0


@pytest.mark.parametrize(("written", "form"), [("not base64!", "base64"), ("abc", "hex"), ("\u00e9", "hex")])
def test_a_secret_that_is_not_what_it_is_said_to_be(folder: Path, written: str, form: str) -> None:
    """Trouble with the key, and nothing of it in the answer."""
    (folder / "secret").write_text(written)
    answer = verify("--secret", "@secret", "--secret-format", form, "--alg", "HS256", *EXPECTED)
    assert answer.code == 4
    assert written not in answer.err


def test_a_short_secret_is_trouble_with_the_key(folder: Path) -> None:
    """RFC 7518 s3.2 wants as many bytes as the hash has."""
    answer = verify("--secret", "env:SHORT", "--alg", "HS256", *EXPECTED, SHORT="secret")
    assert answer.code == 4
    assert "[key_weak]" in answer.err


def test_a_public_key_is_no_shared_secret(folder: Path, key: jose.Key) -> None:
    """Algorithm confusion ends here (RFC 8725 s2.1)."""
    (folder / "public.pem").write_bytes(key.to_pem())
    answer = verify("--secret", "@public.pem", "--alg", "HS256", *EXPECTED)
    assert answer.code == 4


@pytest.mark.parametrize("options", [(), ("--key", "@key.jwk", "--jwks", "@jwks.json")])
def test_one_key_source_is_wanted(folder: Path, options: tuple[str, ...]) -> None:
    """Not none, and not two."""
    answer = verify(*options, *EXPECTED, "--json")
    assert (answer.code, answer.error["code"]) == (2, "key_missing")


def test_leeway_and_missing_exp_are_relaxations_by_name(folder: Path, key: jose.Key) -> None:
    """Clocks may differ by as much as is said; a token without end is accepted when told so."""
    assert verify("--jwks", "@jwks.json", *EXPECTED, "--leeway", "5s", at=NOW + 244).code == 0
    assert verify("--jwks", "@jwks.json", *EXPECTED, "--leeway", "5s", at=NOW + 245).code == 3
    eternal = jose.sign_jwt({**GOOD_CLAIMS, "exp": NOW} | {"sub": "1"}, key)
    claims = {name: value for name, value in GOOD_CLAIMS.items() if name != "exp"}
    eternal = jose.sign_jwt(claims, key)
    arguments = ("verify", "-", "--jwks", "@jwks.json", *EXPECTED[:4], "--json")
    assert run(*arguments, stdin=eternal).error["code"] == "claim_missing"
    assert run(*arguments, "--allow-missing-exp", stdin=eternal).code == 0


def test_a_hostile_token_does_nothing_to_the_terminal(folder: Path, key: jose.Key) -> None:
    """The reason quotes the token as text of strangers."""
    evil = "\x1b[2J\u202e"
    token = jose.sign_jwt({**GOOD_CLAIMS, "iss": evil, "aud": evil}, key, typ=evil)
    for options in (EXPECTED, ("--issuer", "x", "--any-audience", "--typ", evil)):
        answer = run("verify", "-", "--jwks", "@jwks.json", *options, "--at", NOW, stdin=token)
        assert answer.code == 1
        assert answer.err.replace("\n", "").isprintable()
