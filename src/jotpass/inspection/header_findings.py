"""What a JOSE Header and its signature give away (RFC 7515 s4, RFC 8725 s3). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jotpass.inspection.claim_catalog import expectation, fits
from jotpass.inspection.finding_kind import Severity
from jotpass.inspection.findings import find
from jotpass.inspection.header_catalog import ENCRYPTION_ALGORITHMS, HEADER_MEMBERS
from jotpass.inspection.known_secrets import known_secret
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.header import media_type
from jotpass.jose.limits import MAX_KID_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jotpass.inspection.findings import Finding
    from jotpass.inspection.profiles import Profile
    from jotpass.inspection.serialization import TokenParts

_KEY_SOURCES: Final = ("jku", "x5u", "jwk", "x5c")
_CERTIFICATE_HINTS: Final = frozenset({*_KEY_SOURCES, "x5t", "x5t#S256"})
_PRIVATE_MEMBERS: Final = frozenset({"d", "k", "p", "q"})
_MAXIMUM_ROUNDS: Final = 1_000_000
_DER_SEQUENCE: Final = 0x30
_SQL: Final = re.compile(r"['\"`;]|--|/\*|\b(union|select|or)\b\s", re.IGNORECASE)
_SUSPICIOUS_KIDS: Final = (
    ("a URL", re.compile(r"[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)),
    ("a path", re.compile(r"\.\.|^[/~]|^[A-Za-z]:\\|\\\\|^/?(?:dev|etc|proc)/")),
    ("part of an SQL statement", _SQL),
    ("a shell command", re.compile(r"[|&$<>]|\x00")),
)


def header_findings(parts: TokenParts, profile: Profile) -> Iterator[Finding]:
    """Find what is to be said about the header and the signature of a token that could be taken apart."""
    yield from _type_findings(parts.header)
    if parts.form in {"jws_compact", "jws_json"}:
        yield from _algorithm_findings(parts)
        yield from _signature_findings(parts)
    else:
        yield from _encryption_findings(parts.header)
    yield from _kind_findings(parts.header, profile)
    yield from _key_findings(parts.header, profile)


def _type_findings(header: Mapping[str, Any]) -> Iterator[Finding]:
    for name, member in HEADER_MEMBERS.items():
        if name in header and not fits(member.kind, header[name]):
            yield find("header_wrong_type", f"header.{name}", name=name, expected=expectation(member.kind))


def _algorithm_findings(parts: TokenParts) -> Iterator[Finding]:
    alg = parts.header.get("alg")
    where = "header.alg"
    if alg is None:
        yield find("alg_missing", "header")
    elif not isinstance(alg, str):
        return
    elif alg.strip().lower() == "none":
        yield find("alg_none", where)
    elif alg not in SIGNATURE_ALGORITHMS:
        yield find("alg_unknown", where)
    elif not SIGNATURE_ALGORITHMS[alg].signs:
        yield find("alg_deprecated", where)
    elif SIGNATURE_ALGORITHMS[alg].scheme == "HMAC":
        minimum = SIGNATURE_ALGORITHMS[alg].minimum_secret_bytes
        yield find("alg_symmetric", where, alg=alg, bytes=minimum)
        if not _CERTIFICATE_HINTS.isdisjoint(parts.header):
            yield find("alg_symmetric_with_key_source", where)
    if parts.header.get("b64") is False:
        yield find("b64_false", "header.b64")


def _signature_findings(parts: TokenParts) -> Iterator[Finding]:
    alg = parts.header.get("alg")
    row = SIGNATURE_ALGORITHMS.get(alg) if isinstance(alg, str) else None
    signature = parts.signature
    if not signature:
        if signature is not None:
            yield find("signature_empty", "signature")
        return
    if (secret := known_secret(alg, parts.signing_input, signature)) is not None:
        yield find("secret_well_known", "signature", secret=repr(secret))
    if row is None or not row.signature_bytes or len(signature) == row.signature_bytes:
        return
    if row.scheme == "ECDSA" and signature[0] == _DER_SEQUENCE:
        yield find("signature_der", "signature", expected=row.signature_bytes)
    else:
        yield find(
            "signature_length", "signature", length=len(signature), alg=row.name, expected=row.signature_bytes
        )


def _encryption_findings(header: Mapping[str, Any]) -> Iterator[Finding]:
    alg = header.get("alg")
    if alg is None:
        yield find("alg_missing", "header")
    elif alg == "RSA1_5":
        yield find("alg_broken", "header.alg")
    elif isinstance(alg, str) and alg not in ENCRYPTION_ALGORITHMS:
        yield find("alg_unknown", "header.alg")
    if "zip" in header:
        yield find("zip_present", "header.zip")
    rounds = header.get("p2c")
    if isinstance(rounds, int) and rounds > _MAXIMUM_ROUNDS:
        yield find("p2c_excessive", "header.p2c", count=rounds)


def _kind_findings(header: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    typ = header.get("typ")
    expected = " or ".join(profile.types)
    if typ is None:
        severity = Severity.ERROR if profile.types else None
        yield find("typ_missing", "header.typ", severity=severity)
    elif isinstance(typ, str) and profile.types and media_type(typ) not in map(media_type, profile.types):
        yield find("typ_unexpected", "header.typ", expected=expected)
    cty = header.get("cty")
    if isinstance(cty, str) and media_type(cty) == media_type("JWT"):
        yield find("nested", "header.cty")
    if "crit" in header:
        yield find("crit_present", "header.crit")


def _key_findings(header: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    for name in _KEY_SOURCES:
        if name in header and not (name == "jwk" and profile.brings_key):
            yield find(f"{name}_present", f"header.{name}")
    jwk = header.get("jwk")
    if isinstance(jwk, dict) and not _PRIVATE_MEMBERS.isdisjoint(jwk):
        yield find("jwk_private", "header.jwk")
    kid = header.get("kid")
    if not isinstance(kid, str):
        if kid is None and _CERTIFICATE_HINTS.isdisjoint(header):
            yield find("kid_missing", "header")
        return
    if len(kid) > MAX_KID_LENGTH:
        yield find("kid_too_long", "header.kid", length=len(kid), limit=MAX_KID_LENGTH)
    for what, pattern in _SUSPICIOUS_KIDS:
        if pattern.search(kid[:MAX_KID_LENGTH]):
            yield find("kid_suspicious", "header.kid", what=what)
            break
