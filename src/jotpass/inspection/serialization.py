"""Taking a token apart, whichever form it has: JWS or JWE, compact or JSON (RFC 7515 s7, RFC 7516 s7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from jotpass.inspection.findings import Finding, find
from jotpass.inspection.reading import ReadJson, read_json, read_segment
from jotpass.inspection.visible_text import shorten, visible_text
from jotpass.inspection.wrapping import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["jws_compact", "jwe_compact", "jws_json", "jwe_json", "not_a_token"]
"""The serialization; ``not_a_token`` for everything else."""

_JWS_SEGMENTS: Final = 3
_JWE_SEGMENTS: Final = 5
_NAMES_SHOWN: Final = 5
_NAME_LENGTH: Final = 60
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_PRIVATE_JWK_MEMBERS: Final = ("k", "d")


@dataclass(frozen=True, slots=True)
class TokenParts:
    """A token in its parts, none of them trusted.

    Attributes:
        form: The serialization.
        header: The protected header together with unprotected members.
        payload: The bytes that are signed; None where they cannot be read.
        claims: The payload's members; None if it is no JSON object.
        signature: Its bytes; None where there are none to read.
        signing_input: What the signature is made over.
        findings: What was found on the way.
    """

    form: Form
    header: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)  # Python 3.11 refuses it as it is.
    payload: bytes | None = None
    claims: Mapping[str, Any] | None = None
    signature: bytes | None = None
    signing_input: bytes = b""
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Parting:
    """Collects findings while a token is taken apart."""

    findings: list[Finding] = field(default_factory=list)

    def octets(self, segment: object, where: str) -> bytes | None:
        read = read_segment(segment if isinstance(segment, str) else "")
        self.findings += [find(code, where) for code in read.flaws]
        return read.octets

    def members(self, octets: bytes | None, where: str) -> Mapping[str, Any] | None:
        read = read_json(octets) if octets is not None else ReadJson()
        self.findings += [find(code, where, names=_name_list(read.duplicates)) for code in read.flaws]
        return read.value if isinstance(read.value, dict) else None


def take_apart(token: str) -> TokenParts:
    """Take a token apart. Whatever the text is, the answer is a ``TokenParts``."""
    if not token:
        return TokenParts("not_a_token", findings=(find("input_empty", "token"),))
    if label := _PEM.search(token):
        code = "looks_like_private_key" if "PRIVATE" in label[1] else "looks_like_public_key"
        return TokenParts("not_a_token", findings=(find(code, "token"),))
    if token.startswith("{"):
        return _take_json_apart(token)
    return _take_compact_apart(token)


def _take_compact_apart(token: str) -> TokenParts:
    parting = _Parting()
    bare, *disclosures = token.split("~")
    if disclosures:
        shown = sum(1 for disclosure in disclosures if disclosure and "." not in disclosure)
        parting.findings.append(find("disclosures", "token", count=shown))
    segments = bare.split(".")
    header = parting.members(parting.octets(segments[0], "header"), "header")
    if header is None:
        opaque = len(segments) == 1 and not token.startswith(BEGINNING)
        code = "opaque_token" if opaque else "header_unreadable"
        return TokenParts("not_a_token", findings=(find(code, "token"),))
    if len(segments) not in {_JWS_SEGMENTS, _JWE_SEGMENTS}:
        parting.findings.append(find("segment_count", "token", count=len(segments)))
    if len(segments) >= _JWE_SEGMENTS or "enc" in header:
        return _encrypted("jwe_compact", header, parting)
    payload = parting.octets(segments[1], "payload") if len(segments) > 1 else None
    signature = parting.octets(segments[2], "signature") if len(segments) > 2 else None  # noqa: PLR2004
    signing_input = ".".join(segments[:2]).encode("utf-8", "surrogatepass")
    return _signed(TokenParts("jws_compact", header, payload, None, signature, signing_input), parting)


def _take_json_apart(token: str) -> TokenParts:
    read = read_json(token.encode("utf-8", "surrogatepass"))
    document = read.value
    if not isinstance(document, dict):
        return TokenParts("not_a_token", findings=(find("looks_like_json", "token"),))
    several = document.get("signatures", document.get("recipients"))
    entries = [entry for entry in several if isinstance(entry, dict)] if isinstance(several, list) else []
    first = {**document, **(entries[0] if entries else {})}
    if not isinstance(document.get("payload", document.get("ciphertext")), str):
        return TokenParts("not_a_token", findings=(_other_json(document),))
    parting = _Parting([find("json_serialization", "token")])
    parting.findings += [find(code, "token", names=_name_list(read.duplicates)) for code in read.flaws]
    if len(entries) > 1:
        parting.findings.append(find("several_signatures", "token", count=len(entries)))
    protected = first.get("protected", "")
    header = parting.members(parting.octets(protected, "header"), "header") if protected else {}
    unprotected = {
        name: value
        for member in (document.get("unprotected"), first.get("header"))
        if isinstance(member, dict)
        for name, value in member.items()
    }
    if unprotected:
        parting.findings.append(find("unprotected_header", "header"))
    whole_header = {**unprotected, **(header or {})}
    if "ciphertext" in document:
        return _encrypted("jwe_json", whole_header, parting)
    payload = parting.octets(document["payload"], "payload")
    signature = parting.octets(first.get("signature"), "signature")
    signing_input = f"{protected}.{document['payload']}".encode("utf-8", "surrogatepass")
    return _signed(TokenParts("jws_json", whole_header, payload, None, signature, signing_input), parting)


def _signed(parts: TokenParts, parting: _Parting) -> TokenParts:
    """Read the claims of a JWS, and hand over what was found."""
    payload = None if parts.header.get("b64") is False else parts.payload
    claims = parting.members(payload, "payload")
    if claims is None:
        parting.findings.append(find("payload_not_claims", "payload"))
    return replace(parts, claims=claims, findings=tuple(parting.findings))


def _encrypted(form: Form, header: Mapping[str, Any], parting: _Parting) -> TokenParts:
    parting.findings.append(find("encrypted", "payload"))
    return TokenParts(form, header, findings=tuple(parting.findings))


def _other_json(document: Mapping[str, Any]) -> Finding:
    if "kty" in document:
        private = any(name in document for name in _PRIVATE_JWK_MEMBERS)
        return find("looks_like_private_key" if private else "looks_like_public_key", "token")
    if isinstance(document.get("keys"), list):
        return find("looks_like_jwk_set", "token")
    return find("looks_like_json", "token")


def _name_list(names: tuple[str, ...]) -> str:
    shown = ", ".join(visible_text(shorten(name, _NAME_LENGTH)) for name in names[:_NAMES_SHOWN])
    return shown + (", ..." if len(names) > _NAMES_SHOWN else "")
