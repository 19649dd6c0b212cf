"""What was given instead of a token (RFC 7519 s7.2)."""

from __future__ import annotations

from typing import Final

from jotpass.inspection.finding_kind import ERROR, FindingKind

NOT_A_TOKEN: Final = (
    FindingKind(
        "input_empty",
        ERROR,
        "There is nothing to inspect.",
        fix="Give a token, @FILE, - or env:NAME.",
    ),
    FindingKind(
        "input_too_large",
        ERROR,
        "{length:,} characters are no token; nothing was read.",
        fix="A token of more than 64 KiB is refused by every verifier here.",
    ),
    FindingKind(
        "looks_like_private_key",
        ERROR,
        "This is a private or symmetric key, not a token.",
        fix="`jotpass key public` prints its public half. If it was pasted anywhere, replace it.",
    ),
    FindingKind(
        "looks_like_public_key",
        ERROR,
        "This is a public key or certificate, not a token.",
        fix="`jotpass verify --key` takes it.",
    ),
    FindingKind(
        "looks_like_jwk_set",
        ERROR,
        "This is a JWK Set, not a token.",
        fix="`jotpass verify --jwks` takes it.",
    ),
    FindingKind(
        "looks_like_json",
        ERROR,
        "This is JSON, but neither a token nor an answer that holds one.",
    ),
    FindingKind(
        "opaque_token",
        ERROR,
        "This is no JWT. It may be an opaque token: only its issuer can say what it means.",
        fix="Ask the issuer's introspection endpoint.",
        reference="RFC 7662",
    ),
    FindingKind(
        "header_unreadable",
        ERROR,
        "This is no JWT: what comes before the first dot is not a JSON object in base64url.",
        fix="If it begins with eyJ, it was cut off or changed on its way.",
        reference="RFC 7519 s7.2",
    ),
)
