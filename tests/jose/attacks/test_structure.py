"""Attacks on the form of a token: its JSON, its size, its segments (RFC 7515 s5.2, RFC 7519 s7.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotpass import jose
from jotpass.jose import Key
from jotpass.jose.errors import (
    ClaimInvalid,
    CritUnsupported,
    HeaderInvalid,
    JoseError,
    SignatureInvalid,
    TokenMalformed,
    TokenTooLarge,
)
from jotpass.jose.limits import MAX_HEADER_LENGTH, MAX_JSON_DEPTH, MAX_TOKEN_LENGTH
from tests.jose.forging import CLAIMS, NOW, forge, segment
from tests.jose.jwk.sample_keys import sample

KEY = sample("HS256")
HEADER = b'{"alg":"HS256"}'
PAYLOAD = b'{"exp":1900000060}'


def verify(token: str | bytes, **options: Any) -> jose.ClaimsSet:
    """Verify with an accepted audience and nothing else asked."""
    return jose.verify_jwt(token, KEY, now=NOW, **options)


def test_the_plain_token_verifies() -> None:
    """What the attacks below change is good before."""
    assert verify(forge(HEADER, PAYLOAD, KEY)) == json.loads(PAYLOAD)


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"HS256","alg":"HS256"}',
        b'{"alg":"none","alg":"HS256"}',
        b'{"alg":"HS256","\\u0061lg":"none"}',
        b'{"alg":"HS256","x":{"y":1,"y":2}}',
        b'{"alg":"HS256","kid":"a" ,"kid" :"b"}',
    ],
)
def test_duplicate_header_member_is_refused(header: bytes) -> None:
    """Two readers would see two headers (RFC 7515 s4)."""
    with pytest.raises(TokenMalformed):
        verify(forge(header, PAYLOAD, KEY))


@pytest.mark.parametrize(
    "payload",
    [
        b'{"exp":1900000060,"exp":1}',
        b'{"sub":"a","sub":"b","exp":1900000060}',
        b'{"sub":"a","exp":1900000060,"\\u0073ub":"b"}',
        b'{"exp":1900000060,"roles":{"admin":false,"admin":true}}',
        b'{"exp":1900000060,"x":[{"y":1,"y":1}]}',
        b'{"exp" :1900000060,\n"exp"\t:1900000060}',
    ],
)
def test_duplicate_claim_is_refused(payload: bytes) -> None:
    """Two readers would see two Claims Sets (RFC 7519 s4)."""
    with pytest.raises(TokenMalformed):
        verify(forge(HEADER, payload, KEY))


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1E+999999", "0x7FFFFFFF", "01"]
)
def test_number_that_never_expires_is_refused(number: str) -> None:
    """What compares as later than any time, or is no JSON number at all."""
    for payload in (f'{{"exp":{number}}}', f'{{"exp":1900000060,"x":[{number}]}}'):
        with pytest.raises(TokenMalformed):
            verify(forge(HEADER, payload, KEY))


@pytest.mark.parametrize("value", ['"1900000060"', "true", "null", "[]", "{}", "[1900000060]", '""'])
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_numeric_date_of_another_type_is_refused_and_not_taken_for_absent(claim: str, value: str) -> None:
    """CVE-2026-25537: a wrong type is an error, also where the claim is not required."""
    payload = f'{{"{claim}":{value}}}' if claim == "exp" else f'{{"exp":1900000060,"{claim}":{value}}}'
    with pytest.raises(ClaimInvalid) as caught:
        verify(forge(HEADER, payload, KEY), required=())
    assert caught.value.claim == claim


@pytest.mark.parametrize("digits", [257, 5_000, 40_000])
def test_huge_integer_is_refused(digits: int) -> None:
    """CVE-2020-10735: no time is spent on turning digits into a number."""
    number = "9" * digits
    for payload in (f'{{"exp":{number}}}', f'{{"exp":-{number}}}', f'{{"exp":1900000060,"x":{number}}}'):
        with pytest.raises(JoseError):
            verify(forge(HEADER, payload, KEY))
    with pytest.raises((TokenMalformed, TokenTooLarge)):
        verify(forge(f'{{"alg":"HS256","x":{number}}}', PAYLOAD, KEY))


def test_large_integer_compares_without_overflow() -> None:
    """The largest integer that is read is a time like any other, with any leeway."""
    token = forge(HEADER, f'{{"exp":{"9" * 256},"nbf":-{"9" * 255}}}', KEY)
    assert verify(token, leeway=0.5)["exp"] == int("9" * 256)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [MAX_JSON_DEPTH, 1_000, 10_000])
def test_deep_nesting_is_refused(opening: str, closing: str, depth: int) -> None:
    """Never a RecursionError: in the payload and in the header, closed or left open."""
    for inside in (opening * depth + "1" + closing * depth, opening * depth):
        with pytest.raises((TokenMalformed, TokenTooLarge)):
            verify(forge(HEADER, f'{{"exp":1900000060,"x":{inside}}}', KEY))
        with pytest.raises((TokenMalformed, TokenTooLarge)):
            verify(forge(f'{{"alg":"HS256","x":{inside}}}', PAYLOAD, KEY))


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig", "latin-1"]
)
def test_only_utf8_is_read(encoding: str) -> None:
    """RFC 8725bis s3.7: no other encoding and no byte order mark, in neither part."""
    text = '{"alg":"HS256","exp":1900000060,"sub":"\u00e9+"}'
    with pytest.raises(TokenMalformed):
        verify(forge(text.encode(encoding), PAYLOAD, KEY))
    with pytest.raises(TokenMalformed):
        verify(forge(HEADER, text.encode(encoding), KEY))


@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xed\xb0\x80",
        b"\xf4\x90\x80\x80",
        b"\\ud800",
        b"\\udc00\\ud800",
        b"\x00",
        b"\n",
    ],
)
def test_what_is_not_unicode_text_is_refused(text: bytes) -> None:
    """Invalid and overlong UTF-8, lone surrogates raw and escaped, raw control characters."""
    with pytest.raises(TokenMalformed):
        verify(forge(HEADER, b'{"exp":1900000060,"sub":"' + text + b'"}', KEY))
    with pytest.raises(TokenMalformed):
        verify(forge(HEADER, b'{"exp":1900000060,"' + text + b'":1}', KEY))
    with pytest.raises(TokenMalformed):
        verify(forge(b'{"alg":"HS256","kid":"' + text + b'"}', PAYLOAD, KEY))


def test_surrogate_pairs_are_text() -> None:
    """An escaped pair is one character."""
    assert verify(forge(HEADER, b'{"exp":1900000060,"sub":"\\ud83d\\ude00"}', KEY))["sub"] == "\U0001f600"


@pytest.mark.parametrize(
    "content", [b"", b"null", b"1", b'"HS256"', b"[]", b"[{}]", b"true", b"{", b"{}{}", b"{} x"]
)
def test_what_is_not_one_object_is_refused(content: bytes) -> None:
    """The header and the Claims Set are JSON objects (RFC 7515 s5.2, RFC 7519 s7.2)."""
    with pytest.raises(TokenMalformed):
        verify(forge(content, PAYLOAD, KEY))
    with pytest.raises(TokenMalformed):
        verify(forge(HEADER, content, KEY))


def test_white_space_around_an_object_is_json() -> None:
    """RFC 7515 A.1 has it inside; RFC 8259 s2 allows it outside."""
    assert verify(forge(b'\r\n{"alg" :\t"HS256"} ', b'\n{ "exp" : 1900000060 }\n', KEY))["exp"] == NOW + 60


@pytest.mark.parametrize("size", [MAX_TOKEN_LENGTH + 1, 5_000_000])
def test_oversized_token_is_refused_before_any_work(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2025-30204: its length is all that is looked at."""
    monkeypatch.setattr("jotpass.jose.jws.compact.decode_segment", None)
    for token in ("." * size, "a" * size, "a.b." + "c" * size, "\u00e9" * size):
        for attempt in (token, token.encode()):
            with pytest.raises(TokenTooLarge):
                verify(attempt)


def test_largest_token_verifies() -> None:
    """The limit itself is within."""
    room = MAX_TOKEN_LENGTH - len(forge(HEADER, b'{"exp":1900000060,"x":""}', KEY))
    token = forge(HEADER, b'{"exp":1900000060,"x":"' + b"x" * (room * 3 // 4) + b'"}', KEY)
    assert MAX_TOKEN_LENGTH - 4 < len(token) <= MAX_TOKEN_LENGTH
    assert verify(token)["exp"] == NOW + 60


def test_oversized_header_is_refused() -> None:
    """A header has a smaller limit of its own."""
    token = forge(b'{"alg":"HS256","x":"' + b"x" * MAX_HEADER_LENGTH + b'"}', PAYLOAD, KEY)
    with pytest.raises(TokenMalformed):
        verify(token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "...", "." * 60_000, "a", "a.b", "a.b.c.d", "a.b.c.d.e", ".a.", "a..b"]
)
def test_wrong_number_of_segments_is_refused(token: str) -> None:
    """CVE-2025-27144: dots are not split apart by the thousand."""
    for attempt in (token, token.encode()):
        with pytest.raises(TokenMalformed):
            verify(attempt)


@pytest.mark.parametrize(
    "change", ["{}.{}", "{0}.{0}.{1}.{2}", "{0}.{1}.{2}.", ".{0}.{1}.{2}", "{0}.{1}.{1}.{2}.{2}"]
)
def test_segments_added_or_taken_away_are_refused(change: str) -> None:
    """Three segments, no more and no fewer."""
    with pytest.raises(TokenMalformed):
        verify(change.format(*forge(HEADER, PAYLOAD, KEY).split(".")))


@pytest.mark.parametrize("prefix", ["Bearer ", "JWT ", '"', "b'", "\ufeff", " ", "\t", "%20"])
def test_decorated_token_is_refused(prefix: str) -> None:
    """What surrounds a token in a header or a program is not part of it."""
    with pytest.raises(TokenMalformed):
        verify(prefix + forge(HEADER, PAYLOAD, KEY))


def test_errors_hold_nothing_of_the_token() -> None:
    """CVE-2025-65015: no text, argument or chained error carries what an attacker wrote."""
    marker = "MARKERmarker"
    marked = segment(marker)
    tokens = [
        marker,
        f"{marker}.{marker}.{marker}",
        f"{marker}é.{marker}.",
        forge({"alg": marker}, CLAIMS, KEY),
        forge({"alg": "HS256", "crit": [marker], marker: 1}, CLAIMS, KEY),
        forge({"alg": "HS256", "typ": marker}, CLAIMS, KEY),
        forge({"alg": "HS256", "kid": [marker]}, CLAIMS, KEY),
        forge(f'{{"alg":"{marker}"', CLAIMS, KEY),
        forge(HEADER, f'{{"{marker}":NaN}}', KEY),
        forge(HEADER, f'{{"sub":["{marker}"]}}', KEY),
        forge(HEADER, {"exp": marker}, KEY),
        forge(HEADER, CLAIMS | {"aud": marker}, KEY),
        forge(HEADER, CLAIMS | {"iss": marker}, KEY),
        forge(HEADER, marker, KEY),
        forge(HEADER, {"sub": marker, "exp": 1}, KEY),
        forge(HEADER, {"sub": marker}, Key.generate("HS256")),
    ]
    for token in tokens:
        with pytest.raises(JoseError) as caught:
            verify(token, issuer="https://id.example")
        error: BaseException | None = caught.value
        while error is not None:
            told = f"{error!s} {error!r} {vars(error)!r}"
            assert marker not in told
            assert marked not in told
            error = error.__context__


# --- crit and b64 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exp", "b64", "http://example.invalid/ext", "x"])
def test_critical_extension_that_is_not_understood_is_refused(name: str) -> None:
    """RFC 7515 s4.1.11: none is understood, so every well-formed ``crit`` is refused."""
    with pytest.raises(CritUnsupported):
        verify(forge({"alg": "HS256", "crit": [name], name: True}, CLAIMS, KEY))
    with pytest.raises(CritUnsupported):
        jose.jws.verify_compact(forge({"alg": "HS256", "crit": [name], name: True}, b"any", KEY), KEY)


@pytest.mark.parametrize(
    "crit",
    [
        [],
        None,
        True,
        "x",
        {"x": 1},
        1,
        [1],
        [None],
        ["x", "x"],
        ["missing"],
        ["alg"],
        ["typ"],
        ["kid"],
        ["crit"],
        [["x"]],
        [""],
    ],
)
def test_malformed_crit_is_refused(crit: object) -> None:
    """Empty, of another type, listing twice, listing what is absent or what every reader understands."""
    with pytest.raises(HeaderInvalid):
        verify(forge({"alg": "HS256", "crit": crit, "x": 1}, CLAIMS, KEY))


@pytest.mark.parametrize("value", [False, None, 0, "false", []])
def test_unencoded_payload_without_crit_is_refused(value: object) -> None:
    """RFC 7797 s6: another reader would see another payload."""
    with pytest.raises(HeaderInvalid):
        verify(forge({"alg": "HS256", "b64": value}, CLAIMS, KEY))


def test_jwt_with_unencoded_payload_is_refused() -> None:
    """RFC 7797 s7: a JWT never has one, however honestly it says so."""
    signing_input = f"{segment({'alg': 'HS256', 'b64': False, 'crit': ['b64']})}.{json.dumps(CLAIMS)}"
    for token in (
        f"{signing_input}.AAAA",
        forge({"alg": "HS256", "b64": False, "crit": ["b64"]}, CLAIMS, KEY),
    ):
        with pytest.raises(JoseError):
            verify(token)
    with pytest.raises(CritUnsupported):
        verify(forge({"alg": "HS256", "b64": True, "crit": ["b64"]}, CLAIMS, KEY))


@pytest.mark.parametrize(
    "headers", [{"crit": ["x"], "x": 1}, {"b64": False}, {"alg": "none"}, {"typ": "other"}]
)
def test_such_headers_are_not_written(headers: dict[str, Any]) -> None:
    """What would change how a token is read is not among the free members."""
    with pytest.raises(ValueError, match="must not set"):
        jose.sign_jwt(CLAIMS, KEY, headers=headers)


def test_detached_payload_is_refused() -> None:
    """A token whose payload was taken out is another token (RFC 7515 appendix F)."""
    header, _, signature = forge(HEADER, PAYLOAD, KEY).split(".")
    with pytest.raises(SignatureInvalid):
        verify(f"{header}..{signature}")
    with pytest.raises(SignatureInvalid):
        jose.jws.verify_compact(f"{header}..{signature}", KEY)


@pytest.mark.parametrize("general", [False, True])
def test_json_serialization_is_no_compact_token(general: bool) -> None:
    """CVE-2022-39227: a polyglot of both serializations is neither."""
    header, payload, signature = forge(HEADER, PAYLOAD, KEY).split(".")
    flattened = {"protected": header, "signature": signature}
    members = {"payload": payload, **({"signatures": [flattened]} if general else flattened)}
    polyglot = {f"{header}.{payload}.{signature}": "", **members}
    for token in (json.dumps(members), json.dumps(polyglot)):
        with pytest.raises(TokenMalformed):
            verify(token)
        with pytest.raises(TokenMalformed):
            jose.jws.verify_compact(token, KEY)


def test_unprotected_members_do_not_exist() -> None:
    """What is not in the first segment is not in the header: there is no second place for members."""
    token = forge(HEADER, {"exp": NOW + 60, "header": {"kid": "x"}, "kid": "x"}, KEY)
    assert verify(token).header == {"alg": "HS256"}


# --- options ------------------------------------------------------------------------------------------------


def test_options_do_not_change_after_construction() -> None:
    """CVE-2026-103001: what was passed in may change, the verifier does not."""
    algorithms, audience, issuer, required = ["HS256"], {"api"}, {"https://id.example"}, ["exp", "sub"]
    verifier = jose.Verifier(
        KEY.replace(alg=None), algorithms=algorithms, audience=audience, issuer=issuer, required=required
    )
    claims = CLAIMS | {"aud": "other", "iss": "https://evil.example"}
    algorithms.append("HS512")
    audience.add("other")
    issuer.add("https://evil.example")
    required.clear()
    for token in (
        forge(HEADER, claims | {"aud": "api"}, KEY),
        forge(HEADER, claims | {"iss": "https://id.example"}, KEY),
        forge(HEADER, {"exp": NOW + 60, "aud": "api", "iss": "https://id.example"}, KEY),
        jose.sign_jwt(claims, Key.from_secret(b"s" * 64), algorithm="HS512"),
    ):
        with pytest.raises(JoseError):
            verifier.verify(token, now=NOW)


@pytest.mark.parametrize("name", ["_claims", "_headers", "_cache", "leeway", "new"])
def test_verifier_cannot_be_changed(name: str) -> None:
    """Nothing is set or deleted from outside."""
    verifier = jose.Verifier(KEY)
    with pytest.raises(AttributeError):
        setattr(verifier, name, None)
    with pytest.raises(AttributeError):
        delattr(verifier, name)
