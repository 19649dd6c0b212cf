"""`jotpass inspect`: explains everything, verifies nothing, and is not impressed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jotpass.inspection import PROFILES
from tests.cli.command_line import run
from tests.inspection.forgery import GOOD_CLAIMS, GOOD_HEADER, NOW, forge, segment, with_claims, with_header
from tests.inspection.test_findings import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

AT = ("--at", NOW)
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\u200b\x9b31m\x7f\ud800"


def test_it_shows_header_claims_dates_and_meanings() -> None:
    """All that a token says, in words."""
    answer = run("inspect", *AT, stdin=forge())
    assert answer.code == 0
    for said in (
        "Access token",
        "ES256",
        "ECDSA on P-256",
        "https://id.example",
        "who issued it",
        "RFC 7519",
    ):
        assert said in answer.out
    assert "2026-08-01 08:04:00 UTC" in answer.out
    assert "in 4 minutes" in answer.out
    assert "Signature not checked" in answer.out
    assert answer.err == ""


@pytest.mark.parametrize("code", [code for code in EXAMPLES if code != "input_too_large"])
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_it_never_says_valid(code: str, form: tuple[str, ...]) -> None:
    """It decodes and explains; whether a token is genuine is for `verify` to say."""
    answer = run("inspect", *AT, *form, stdin=EXAMPLES[code])
    assert not re.search(r"\bvalid\b|\bverified\b", answer.out + answer.err, re.IGNORECASE)
    assert answer.code in {0, 1}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_may_be_chosen(profile: str) -> None:
    """Findings are those of the kind that the reader expects."""
    answer = run("inspect", "--json", "--profile", profile, *AT, stdin=forge())
    assert (answer.json["profile"], answer.json["profile_told_by"]) == (profile, "you")


def test_an_expired_token_is_marked() -> None:
    """The mark stands beside the date, and the finding below."""
    answer = run("inspect", "--at", "2026-08-01T12:00:00Z", stdin=forge())
    assert "(expired)" in answer.out
    assert "It expired 3 hours 56 minutes ago." in answer.out


def test_json_is_the_report() -> None:
    """One object: form, profile, members with meanings, findings with codes."""
    answer = run("inspect", "--json", *AT, stdin=with_header(alg="none"))
    assert answer.json["form"] == "jws_compact"
    assert answer.json["signature_checked"] is False
    assert {row["name"]: row["value"] for row in answer.json["claims"]} == GOOD_CLAIMS
    assert set(answer.json["findings"][0]) == {"code", "severity", "where", "message", "fix", "reference"}
    assert answer.json["findings"][0]["code"] == "alg_none"


def hostile_tokens() -> list[str]:
    """Tokens that would take over a terminal."""
    return [
        forge(
            {**GOOD_HEADER, "kid": HOSTILE, HOSTILE: HOSTILE},
            {**GOOD_CLAIMS, HOSTILE: [HOSTILE, {HOSTILE: 1}]},
        ),
        forge({"alg": HOSTILE, "typ": HOSTILE}, HOSTILE.replace("\ud800", "")),
        forge(claims=f'{{"{chr(0x202E)}": 1, "{chr(0x202E)}": 2}}'),
        HOSTILE,
        f"Authorization: {HOSTILE}",
        f'{{"access": "{forge()}", "x": "{chr(0x1B)}"}}',
    ]


@pytest.mark.parametrize("token", hostile_tokens())
@pytest.mark.parametrize("form", [(), ("--json",), ("--full",)], ids=["text", "json", "full"])
def test_nothing_of_a_token_acts_on_the_terminal(token: str, form: tuple[str, ...]) -> None:
    """Escape sequences, bidirectional overrides and invisible characters are written out."""
    answer = run("inspect", *form, *AT, stdin=token.encode("utf-8", "surrogatepass"))
    printed = (answer.out + answer.err).replace("\n", "")
    assert printed.isprintable()


@given(st.binary(max_size=300) | st.text(alphabet=st.characters(), max_size=300).map(
    lambda text: text.encode("utf-8", "surrogatepass")))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_input_ends_with_0_or_1(stdin: bytes) -> None:
    """No input is a traceback."""
    assert run("inspect", stdin=stdin).code in {0, 1}


@given(st.dictionaries(st.text(max_size=9), st.text() | st.floats() | st.integers() | st.none(), max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_claims_are_shown(claims: dict[str, object]) -> None:
    """Names and values may be anything."""
    answer = run("inspect", stdin=forge(claims=json.dumps(claims)))
    assert answer.code == 0
    assert answer.out.replace("\n", "").isprintable()


@pytest.mark.parametrize("columns", [1, 8, 20, 40, 80, 250])
def test_it_fits_any_terminal(columns: int) -> None:
    """Long values are folded, not cut, and no line is wider than the terminal."""
    answer = run("inspect", *AT, stdin=with_claims(note="x" * 300), COLUMNS=str(columns))
    assert answer.code == 0
    assert answer.out.count("x") >= 300 or columns < 40
    assert max(map(len, answer.out.splitlines())) <= columns


def test_a_token_of_5_mb_is_explained_in_a_page() -> None:
    """Its size is a finding; its value is cut unless --full is said."""
    token = forge(claims={"note": "a" * 3_700_000})
    answer = run("inspect", stdin=token)
    assert answer.code == 0
    assert "token_too_large" in answer.out
    assert len(answer.out) < 5_000
    assert len(run("inspect", "--full", stdin=token).out) > 3_700_000


def test_many_claims_are_counted() -> None:
    """The rest of a thousand claims is said to be there."""
    answer = run("inspect", stdin=forge(claims={f"c{number}": 1 for number in range(1_000)}))
    assert "940 more" in answer.out


def test_what_is_no_token_is_named() -> None:
    """The error says what was given instead, with a code, in one line."""
    answer = run("inspect", stdin="-----BEGIN PRIVATE KEY-----")
    assert answer.code == 1
    assert answer.err.startswith("Error: This is a private or symmetric key, not a token.")
    assert answer.err.endswith("[looks_like_private_key]\n")
    assert answer.err.count("\n") == 1
    assert run("inspect", "--json", stdin="hello").error["code"] == "opaque_token"


def test_fail_on_turns_findings_into_an_exit_code() -> None:
    """For scripts: 1 if there is a finding at least as grave."""
    token = with_claims(email="ada@example.org")
    assert run("inspect", "--fail-on", "warning", *AT, stdin=token).code == 0
    assert run("inspect", "--fail-on", "info", *AT, stdin=token).code == 1
    assert run("inspect", "--fail-on", "error", *AT, stdin=with_header(alg="none")).code == 1


def test_an_encrypted_token_shows_its_header() -> None:
    """Of a JWE the header is all there is to read."""
    answer = run("inspect", stdin=f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}..AQ.AQ.AQ")
    assert answer.code == 0
    assert "encrypted" in answer.out
    assert "Claims" not in answer.out


def test_a_token_as_an_argument_is_taken_with_a_remark(folder: Path) -> None:
    """People paste tokens; that shells keep them is worth a line beside the result."""
    answer = run("inspect", forge(), *AT)
    assert answer.code == 0
    assert "history" in answer.err
    assert run("inspect", forge(), "--json", *AT).err == ""


def test_tokens_come_from_files_standard_input_and_the_environment(folder: Path, token: str) -> None:
    """@FILE, -, nothing at all, env:NAME: the same report."""
    reports = [
        run("inspect", "@token.txt", "--json", *AT),
        run("inspect", "-", "--json", *AT, stdin=token),
        run("inspect", "--json", *AT, stdin=token),
        run("inspect", "env:TOKEN", "--json", *AT, TOKEN=token),
        run("inspect", token, "--json", *AT),
    ]
    assert len({answer.out for answer in reports}) == 1
    assert reports[0].json["claims"]
