"""How a token is written: serialization, base64url, JSON, size (RFC 7515 s7, RFC 8259)."""

from __future__ import annotations

from typing import Final

from jotpass.inspection.finding_kind import ERROR, INFO, WARNING, FindingKind

SHAPE: Final = (
    FindingKind(
        "input_unwrapped",
        INFO,
        "The token was taken out of {around}.",
    ),
    FindingKind(
        "segment_count",
        ERROR,
        "The token has {count} segments; a JWS has 3 and a JWE has 5.",
        fix="It was probably cut off when it was copied.",
        reference="RFC 7515 s7.1",
    ),
    FindingKind(
        "token_too_large",
        ERROR,
        "The token has {length:,} characters; verifiers here refuse more than {limit:,}.",
        fix="Keep claims few; look the rest up by sub.",
    ),
    FindingKind(
        "token_large",
        WARNING,
        "The token has {length:,} characters; a cookie holds 4,096 and many servers cap headers at 8,192.",
        fix="Keep claims few; look the rest up by sub.",
        reference="RFC 6265 s6.1",
    ),
    FindingKind(
        "base64url_invalid",
        ERROR,
        "This segment is not base64url.",
        reference="RFC 7515 s2",
    ),
    FindingKind(
        "base64url_not_canonical",
        ERROR,
        "This segment is not canonical base64url: padding, another alphabet, white space or stray bits.",
        fix="Strict verifiers refuse it; encode without padding, in the URL-safe alphabet.",
        reference="RFC 7515 s2",
    ),
    FindingKind(
        "json_duplicate_member",
        ERROR,
        "These members are there more than once: {names}. Readers disagree about which one counts.",
        fix="Write every member once.",
        reference="RFC 7519 s4",
    ),
    FindingKind(
        "json_number_invalid",
        ERROR,
        "A number is no JSON number, or larger than any reader takes.",
        reference="RFC 8259 s6",
    ),
    FindingKind(
        "json_byte_order_mark",
        ERROR,
        "The JSON begins with a byte order mark.",
        reference="RFC 8259 s8.1",
    ),
    FindingKind(
        "json_not_utf8",
        ERROR,
        "The JSON is not UTF-8.",
        reference="RFC 7519 s7.1",
    ),
    FindingKind(
        "json_too_deep",
        ERROR,
        "The JSON is nested deeper than verifiers read.",
        reference="RFC 8259 s9",
    ),
    FindingKind(
        "json_trailing_data",
        ERROR,
        "Something follows the JSON object.",
        reference="RFC 8259 s2",
    ),
    FindingKind(
        "payload_not_claims",
        ERROR,
        "The payload is not a JSON object: this is a JWS, but no JWT.",
        reference="RFC 7519 s7.2",
    ),
    FindingKind(
        "encrypted",
        INFO,
        "The content is encrypted: without the key, the header is all there is to read.",
        reference="RFC 7516 s3",
    ),
    FindingKind(
        "nested",
        INFO,
        "The content is a JWT itself.",
        reference="RFC 7519 s5.2",
    ),
    FindingKind(
        "json_serialization",
        INFO,
        "This is the JSON serialization; a JWT is always compact.",
        reference="RFC 7519 s1",
    ),
    FindingKind(
        "several_signatures",
        INFO,
        "There are {count} signatures or recipients; the first is explained.",
        reference="RFC 7515 s7.2.1",
    ),
    FindingKind(
        "unprotected_header",
        WARNING,
        "Header members stand outside the protected header: anybody can change them.",
        fix="Put them into protected.",
        reference="RFC 7515 s7.2.1",
    ),
    FindingKind(
        "disclosures",
        INFO,
        "This is an SD-JWT with {count} disclosures, which are not shown.",
        reference="RFC 9901",
    ),
    FindingKind(
        "hidden_characters",
        WARNING,
        "Characters that cannot be seen, or that control a terminal, are part of it; they are shown as"
        " escapes.",
        reference="RFC 8259 s8",
    ),
)
