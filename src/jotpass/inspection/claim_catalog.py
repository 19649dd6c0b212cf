"""What each claim means, and what it may hold (RFC 7519 s4 and the registry that it founded).

Beside the registered names stand those that well-known issuers use without having them registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from jotpass.inspection.numeric_date import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ClaimKind = Literal["string", "audience", "date", "number", "boolean", "strings", "object", "any"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim.

    Attributes:
        name: As it stands in the token.
        meaning: What it says, in a few words.
        reference: The specification, or whose convention it is.
        kind: What it may hold.
    """

    name: str
    meaning: str
    reference: str
    kind: ClaimKind = "string"


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_KINDS: Final[Mapping[ClaimKind, tuple[str, Callable[[object], bool]]]] = {
    "string": ("a string", _is_string),
    "audience": ("a string or an array of strings", lambda value: _is_string(value) or _is_strings(value)),
    "date": ("a number of seconds", is_number),
    "number": ("a number", is_number),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "strings": ("an array of strings", _is_strings),
    "object": ("a JSON object", lambda value: isinstance(value, dict)),
    "any": ("any JSON value", lambda _: True),
}


def fits(kind: ClaimKind, value: object) -> bool:
    """Whether a JSON value is of a kind."""
    return _KINDS[kind][1](value)


def expectation(kind: ClaimKind) -> str:
    """Say what a kind is: ``a number of seconds``."""
    return _KINDS[kind][0]


_JWT: Final = (
    Claim("iss", "who issued it", "RFC 7519 s4.1.1"),
    Claim("sub", "whom it is about", "RFC 7519 s4.1.2"),
    Claim("aud", "whom it is for", "RFC 7519 s4.1.3", "audience"),
    Claim("exp", "not accepted from then on", "RFC 7519 s4.1.4", "date"),
    Claim("nbf", "not accepted before", "RFC 7519 s4.1.5", "date"),
    Claim("iat", "when it was issued", "RFC 7519 s4.1.6", "date"),
    Claim("jti", "the name of this one token", "RFC 7519 s4.1.7"),
)
_AUTHORIZATION: Final = (
    Claim("client_id", "the client it was issued to", "RFC 8693 s4.3"),
    Claim("scope", "what it allows, space-separated", "RFC 8693 s4.2"),
    Claim("act", "who acts on the subject's behalf", "RFC 8693 s4.1", "object"),
    Claim("may_act", "who may act on the subject's behalf", "RFC 8693 s4.4", "object"),
    Claim("authorization_details", "what it allows, in detail", "RFC 9396 s9.1", "any"),
    Claim("roles", "roles of the subject", "RFC 9068 s2.2.3.1", "any"),
    Claim("groups", "groups of the subject", "RFC 9068 s2.2.3.1", "any"),
    Claim("entitlements", "entitlements of the subject", "RFC 9068 s2.2.3.1", "any"),
    Claim("cnf", "the key that its holder must prove to have", "RFC 7800 s3.1", "object"),
    Claim("htm", "the HTTP method it is a proof for", "RFC 9449 s4.2"),
    Claim("htu", "the URL it is a proof for", "RFC 9449 s4.2"),
    Claim("ath", "hash of the access token it goes with", "RFC 9449 s4.2"),
    Claim("token_introspection", "the introspection response", "RFC 9701 s5", "object"),
)
_AUTHENTICATION: Final = (
    Claim("auth_time", "when the person authenticated", "OIDC Core s2", "date"),
    Claim("nonce", "ties it to the request that asked for it", "OIDC Core s2"),
    Claim("acr", "how strong the authentication was", "OIDC Core s2"),
    Claim("amr", "how the person authenticated", "OIDC Core s2", "strings"),
    Claim("azp", "the client it was issued to", "OIDC Core s2"),
    Claim("at_hash", "hash of the access token it came with", "OIDC Core s3.1.3.6"),
    Claim("c_hash", "hash of the code it came with", "OIDC Core s3.3.2.11"),
    Claim("s_hash", "hash of the state it came with", "FAPI 1.0 Advanced s5.1.1"),
    Claim("sid", "the session it belongs to", "OIDC Back-Channel Logout s2.1"),
    Claim("sub_jwk", "the subject's own key", "OIDC Core s7.4", "object"),
    Claim("events", "what happened", "RFC 8417 s2.2", "object"),
    Claim("toe", "when it happened", "RFC 8417 s2.2", "date"),
    Claim("txn", "the transaction it is part of", "RFC 8417 s2.2"),
)
_PERSON: Final = (
    *(
        Claim(name, meaning, "OIDC Core s5.1")
        for name, meaning in (
            ("name", "full name"),
            ("given_name", "given name"),
            ("family_name", "family name"),
            ("middle_name", "middle name"),
            ("nickname", "nickname"),
            ("preferred_username", "user name, which may change"),
            ("profile", "URL of a profile page"),
            ("picture", "URL of a picture"),
            ("website", "URL of a home page"),
            ("email", "e-mail address"),
            ("gender", "gender"),
            ("birthdate", "date of birth"),
            ("zoneinfo", "time zone"),
            ("locale", "language and region"),
            ("phone_number", "telephone number"),
        )
    ),
    Claim("email_verified", "whether the e-mail address was verified", "OIDC Core s5.1", "boolean"),
    Claim("phone_number_verified", "whether the number was verified", "OIDC Core s5.1", "boolean"),
    Claim("address", "postal address", "OIDC Core s5.1.1", "object"),
    Claim("updated_at", "when the profile last changed", "OIDC Core s5.1", "date"),
)
_SELECTIVE_DISCLOSURE: Final = (
    Claim("_sd", "hashes of claims that may be disclosed", "RFC 9901 s4.2.4.1", "strings"),
    Claim("_sd_alg", "the hash they are made with", "RFC 9901 s4.1.1"),
    Claim("sd_hash", "hash of what it is presented with", "RFC 9901 s4.3"),
)
_JOTPASS: Final = (
    Claim("fid", "the token family it belongs to", "Jotpass"),
    Claim("gen", "its generation in the family", "Jotpass", "number"),
    Claim("rnd", "the family's random value", "Jotpass"),
)
_CONVENTIONS: Final = (
    Claim("token_type", "kind of the token", "djangorestframework-simplejwt", "any"),
    Claim("user_id", "primary key of the user", "djangorestframework-simplejwt", "any"),
    Claim("refresh_exp", "not renewed from then on", "djangorestframework-simplejwt", "date"),
    Claim("realm_access", "roles in the realm", "Keycloak", "any"),
    Claim("resource_access", "roles by client", "Keycloak", "any"),
    Claim("session_state", "the session it belongs to", "Keycloak", "any"),
    Claim("allowed-origins", "origins of the client", "Keycloak", "any"),
    Claim("permissions", "what the subject may do", "Auth0", "any"),
    Claim("org_id", "the organization", "Auth0", "any"),
    Claim("oid", "object id of the user", "Microsoft Entra", "any"),
    Claim("tid", "the tenant", "Microsoft Entra", "any"),
    Claim("upn", "user principal name", "Microsoft Entra", "any"),
    Claim("scp", "what it allows", "Microsoft Entra", "any"),
    Claim("appid", "the client it was issued to", "Microsoft Entra", "any"),
    Claim("ver", "version of the token's format", "Microsoft Entra", "any"),
    Claim("token_use", "kind of the token", "Amazon Cognito", "any"),
    Claim("cognito:groups", "groups of the user", "Amazon Cognito", "any"),
    Claim("cognito:username", "user name", "Amazon Cognito", "any"),
    Claim("hd", "the organization's domain", "Google", "any"),
    Claim("firebase", "how the person authenticated", "Firebase", "any"),
)

CLAIMS: Final[Mapping[str, Claim]] = MappingProxyType(
    {
        claim.name: claim
        for group in (
            _JWT,
            _AUTHORIZATION,
            _AUTHENTICATION,
            _PERSON,
            _SELECTIVE_DISCLOSURE,
            _JOTPASS,
            _CONVENTIONS,
        )
        for claim in group
    }
)
"""Every claim that is known, by name; read-only."""

PERSONAL_CLAIMS: Final = frozenset(claim.name for claim in _PERSON) - {
    "email_verified",
    "phone_number_verified",
    "locale",
    "updated_at",
    "zoneinfo",
}
"""Claims that say who somebody is."""
