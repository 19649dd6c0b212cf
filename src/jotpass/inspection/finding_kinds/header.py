"""The JOSE Header and the signature (RFC 7515 s4, RFC 8725)."""

from __future__ import annotations

from typing import Final

from jotpass.inspection.finding_kind import ERROR, INFO, WARNING, FindingKind

HEADER: Final = (
    FindingKind(
        "alg_missing",
        ERROR,
        "The header names no algorithm.",
        reference="RFC 7515 s4.1.1",
    ),
    FindingKind(
        "alg_none",
        ERROR,
        "alg is none: nothing is signed, anybody can write this token.",
        fix="Refuse it. Jotpass knows no such algorithm.",
        reference="RFC 8725 s3.2",
    ),
    FindingKind(
        "alg_unknown",
        WARNING,
        "alg is none of the algorithms that Jotpass verifies.",
        reference="RFC 7518 s3.1",
    ),
    FindingKind(
        "alg_deprecated",
        INFO,
        "EdDSA does not say which curve; Ed25519 and Ed448 are the names in use now.",
        reference="RFC 9864 s2.2",
    ),
    FindingKind(
        "alg_broken",
        ERROR,
        "RSA with PKCS #1 v1.5 encryption lets an attacker decrypt by asking.",
        fix="Use RSA-OAEP-256 or ECDH-ES.",
        reference="RFC 8725 s3.2",
    ),
    FindingKind(
        "alg_symmetric",
        INFO,
        "Whoever can verify this token can also sign one: {alg} uses one shared secret.",
        fix="Share the secret with nobody; sign with ES256 where others verify. It must be {bytes}"
        " random bytes or more.",
        reference="RFC 8725 s3.5",
    ),
    FindingKind(
        "alg_symmetric_with_key_source",
        ERROR,
        "A shared secret and a public key do not go together: this is how algorithm confusion is tried.",
        fix="A verifier binds each key to one algorithm.",
        reference="RFC 8725 s2.1",
    ),
    FindingKind(
        "secret_well_known",
        ERROR,
        "The signature was made with a secret out of documentation: {secret}. Anybody can sign such tokens.",
        fix="Replace the secret by random bytes: `jotpass key new --alg HS256`.",
        reference="RFC 8725 s3.5",
    ),
    FindingKind(
        "typ_missing",
        WARNING,
        "No typ says what kind of token this is; one kind may be taken for another.",
        fix="Sign with an explicit typ, such as at+jwt.",
        reference="RFC 8725 s3.11",
    ),
    FindingKind(
        "typ_unexpected",
        ERROR,
        "typ is not {expected}, which this kind of token must have.",
        reference="RFC 8725 s3.11",
    ),
    FindingKind(
        "jku_present",
        WARNING,
        "The token says where to fetch the key that verifies it; who follows that trusts the attacker's key.",
        fix="Verifiers must take keys from a place of their own.",
        reference="RFC 8725 s3.10",
    ),
    FindingKind(
        "x5u_present",
        WARNING,
        "The token says where to fetch the certificate that verifies it; who follows that trusts the"
        " attacker's.",
        fix="Verifiers must take keys from a place of their own.",
        reference="RFC 8725 s3.10",
    ),
    FindingKind(
        "jwk_present",
        WARNING,
        "The token brings along the key that verifies it; who uses that accepts anybody's token.",
        fix="Verifiers must take keys from a place of their own.",
        reference="RFC 7515 s10",
    ),
    FindingKind(
        "x5c_present",
        WARNING,
        "The token brings along its certificate; who does not check the whole chain accepts anybody's token.",
        fix="Verifiers must take keys from a place of their own.",
        reference="RFC 7515 s10",
    ),
    FindingKind(
        "jwk_private",
        ERROR,
        "The jwk in the header holds a private or symmetric key: everybody who saw the token has it now.",
        fix="Replace the key.",
        reference="RFC 7517 s9.2",
    ),
    FindingKind(
        "kid_missing",
        INFO,
        "No kid says which key signed it; verifiers with several keys have to try.",
        reference="RFC 7515 s4.1.4",
    ),
    FindingKind(
        "kid_suspicious",
        WARNING,
        "kid looks like {what}: an attempt on verifiers that look keys up with it.",
        fix="Use kid to compare, never as a path, a URL or part of a query.",
        reference="RFC 8725 s3.10",
    ),
    FindingKind(
        "kid_too_long",
        ERROR,
        "kid has {length:,} characters; verifiers here refuse more than {limit:,}.",
        reference="RFC 7515 s4.1.4",
    ),
    FindingKind(
        "crit_present",
        ERROR,
        "crit demands extensions that Jotpass does not have, so it refuses the token.",
        reference="RFC 7515 s4.1.11",
    ),
    FindingKind(
        "b64_false",
        ERROR,
        "The payload is not base64url-encoded; a JWT must not do that.",
        reference="RFC 7797 s7",
    ),
    FindingKind(
        "header_wrong_type",
        ERROR,
        "{name} must be {expected}.",
        reference="RFC 7515 s4.1",
    ),
    FindingKind(
        "zip_present",
        WARNING,
        "The content is compressed: a small token may become huge, and its size can tell what is in it.",
        reference="RFC 8725 s3.6",
    ),
    FindingKind(
        "p2c_excessive",
        WARNING,
        "{count:,} rounds of PBKDF2 make the verifier work for the attacker.",
        fix="Bound p2c.",
        reference="RFC 7518 s8.1",
    ),
    FindingKind(
        "signature_empty",
        ERROR,
        "There is no signature.",
        reference="RFC 7515 s5.2",
    ),
    FindingKind(
        "signature_length",
        ERROR,
        "The signature has {length} bytes; those of {alg} have {expected}.",
        reference="RFC 7518 s3",
    ),
    FindingKind(
        "signature_der",
        ERROR,
        "The signature is in DER, as OpenSSL writes it; JWS takes the two numbers side by side.",
        fix="Convert it to {expected} bytes, R then S.",
        reference="RFC 7518 s3.4",
    ),
)
