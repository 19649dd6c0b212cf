"""`explain` takes anything, answers with a report, and never says that a token is genuine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass import jose
from jotpass.inspection import FINDING_KINDS, explain
from tests.inspection.forgery import GOOD_CLAIMS, NOW, forge, segment, with_claims

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters())
    | st.sampled_from(["JWT", "at+jwt", "none", "HS256", "ES256", "*", "a@b.example", NOW, NOW * 1000]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "alg",
        "typ",
        "kid",
        "enc",
        "crit",
        "jwk",
        "jku",
        "b64",
        "p2c",
        "cty",
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "events",
        "nonce",
        "auth_time",
        "email",
        "password",
    ]
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=4), JSON_VALUES, max_size=8)


def check(report: Any) -> None:
    """A report has JSON form, and its findings are those of the catalog."""
    document = report.as_dict()
    assert document["signature_checked"] is False
    json.dumps(document, allow_nan=False)
    assert {finding.code for finding in report.findings} <= FINDING_KINDS.keys()
    assert report.is_token or report.findings


@given(st.binary() | st.text(alphabet=st.characters()))
def test_any_bytes_and_any_text_end_in_a_report(text: bytes | str) -> None:
    """Whatever is given, there is an answer."""
    check(explain(text, now=NOW))


@given(OBJECTS, OBJECTS | JSON_VALUES, st.binary(max_size=80))
def test_any_header_and_any_claims_end_in_a_report(header: Any, claims: Any, signature: bytes) -> None:
    """Members may have any type and any value."""
    check(explain(f"{segment(header)}.{segment(claims)}.{segment(signature)}", now=NOW))


@given(st.lists(st.binary(max_size=40), max_size=7), st.sampled_from([".", "~", "\n.", " "]))
def test_any_number_of_segments_ends_in_a_report(segments: list[bytes], separator: str) -> None:
    """Cut off, glued together, split: still a report."""
    check(explain(separator.join(map(segment, segments)), now=NOW))


@given(OBJECTS | st.dictionaries(st.sampled_from(["payload", "signatures", "protected", "header", "signature",
    "ciphertext", "recipients", "unprotected", "keys", "kty", "access"]), JSON_VALUES))  # fmt: skip
def test_any_json_object_ends_in_a_report(document: Any) -> None:
    """JSON serializations may be malformed in every member."""
    check(explain(json.dumps(document), now=NOW))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        forge(claims="[" * 100_000),
        forge(claims=f'{{"n": {"9" * 50_000}}}'),
        forge(claims='{"exp": 1e999, "nbf": -Infinity, "iat": 99999999999999999999999999999999}'),
        with_claims(exp=10**90),
        "eyJ" * 1_000_000 + "!",
        "eyJ." * 1_000_000 + "!",
        "." * 1_000_000,
        "~" * 1_000_000,
        '"' * 1_000_000,
        "Bearer " * 100_000,
        with_claims(note="\u202e" * 500_000),
    ],
    ids=lambda text: f"{text[:12]!r}, {len(text)} characters",
)
def test_hostile_sizes_end_in_a_report(text: str) -> None:
    """Depth, length and repetition cost no more than reading them."""
    check(explain(text, now=NOW))


def test_claims_are_explained_with_their_dates() -> None:
    """A NumericDate is a date, a distance from now, and a mark when it has passed."""
    report = explain(with_claims(exp=NOW - 10_800, iat=NOW - 14_400, nbf=NOW + 60), now=NOW)
    assert report.claims is not None
    rows = {row.name: row.as_dict() for row in report.claims}
    assert rows["exp"]["time"] == "2026-08-01T05:00:00Z"
    assert (rows["exp"]["relative"], rows["exp"]["mark"]) == ("3 hours ago", "expired")
    assert (rows["nbf"]["relative"], rows["nbf"]["mark"]) == ("in 1 minute", "not yet")
    assert (rows["iss"]["meaning"], rows["iss"]["reference"]) == ("who issued it", "RFC 7519 s4.1.1")
    assert report.lifetime == "1 hour"


def test_every_algorithm_is_described_by_its_row() -> None:
    """The header says in words what the algorithm is."""
    report = explain(forge(), now=NOW)
    assert report.header[0].meaning == "ECDSA on P-256 with SHA-256"


def test_a_real_token_has_a_report_of_its_claims() -> None:
    """What the core signs, inspection reads, to the member."""
    token = jose.sign_jwt(GOOD_CLAIMS, jose.Key.generate("ES256"), typ="at+jwt")
    report = explain(token, now=NOW)
    assert report.claims is not None
    assert {row.name: row.value for row in report.claims} == GOOD_CLAIMS
    assert report.findings == ()
    assert report.signature_bytes == 64


def test_the_last_of_two_members_is_shown_and_both_are_told() -> None:
    """Most readers take the last, so that one is shown; that there were two is an error."""
    report = explain(forge(claims='{"sub": "1", "sub": "2"}'), now=NOW)
    assert report.claims is not None
    assert report.claims[0].value == "2"
    assert "sub" in next(f.message for f in report.findings if f.code == "json_duplicate_member")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (forge(), "jws_compact"),
        (f"{segment({'alg': 'dir', 'enc': 'A128GCM'})}..AQ.AQ.AQ", "jwe_compact"),
        (
            json.dumps({"payload": "e30", "protected": segment({"alg": "ES256"}), "signature": "AQ"}),
            "jws_json",
        ),
        (
            json.dumps({"ciphertext": "AQ", "protected": segment({"alg": "dir", "enc": "A128GCM"})}),
            "jwe_json",
        ),
        ("nothing of it", "not_a_token"),
    ],
)
def test_the_serialization_is_told(text: str, form: str) -> None:
    """JWS or JWE, compact or JSON (RFC 7515 s7, RFC 7516 s7)."""
    assert explain(text, now=NOW).form == form


def test_a_payload_that_is_no_claims_set_is_kept() -> None:
    """A JWS may sign anything; what it signs is shown."""
    report = explain(forge({"alg": "ES256"}, "hello"), now=NOW)
    assert report.claims is None
    assert report.as_dict()["payload"] == "hello"
