"""The kinds of token that findings know, and what each asks for (RFC 7519, 9068, 9449, OpenID Connect)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from jotpass.inspection.numeric_date import YEAR
from jotpass.jose.header import media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of token.

    Attributes:
        name: As the command line takes it.
        title: As a sentence takes it: ``an access token``.
        reference: The specification.
        types: The ``typ`` values that it must have; empty where any will do.
        required: Claims that it must have.
        forbidden: Claims that it must not have.
        advised: Claims whose absence is worth a warning.
        maximum_lifetime: Seconds from ``iat`` to ``exp`` beyond which it lives long.
        brings_key: Whether a key in its header is as it should be.
        names_issuer: Whether ``iss`` must be an https URL.
    """

    name: str
    title: str
    reference: str
    types: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    maximum_lifetime: int = _DAY
    brings_key: bool = False
    names_issuer: bool = False


_PROFILES: Final = (
    Profile("jwt", "a JWT", "RFC 7519", advised=("iss", "aud", "exp")),
    Profile(
        "access-token",
        "an access token",
        "RFC 9068 s2.2",
        types=("at+jwt",),
        required=("iss", "exp", "aud", "sub", "client_id", "iat", "jti"),
        maximum_lifetime=3_600,
    ),
    Profile(
        "refresh-token",
        "a refresh token",
        "Jotpass",
        types=("rt+jwt",),
        required=("iss", "exp", "fid", "gen", "rnd"),
        maximum_lifetime=30 * _DAY,
    ),
    Profile(
        "id-token",
        "an ID Token",
        "OIDC Core s2",
        required=("iss", "sub", "aud", "exp", "iat"),
        names_issuer=True,
    ),
    Profile(
        "logout-token",
        "a logout token",
        "OIDC Back-Channel Logout s2.4",
        types=("logout+jwt", "JWT"),
        required=("iss", "aud", "iat", "exp", "jti", "events"),
        forbidden=("nonce",),
        maximum_lifetime=3_600,
        names_issuer=True,
    ),
    Profile(
        "dpop-proof",
        "a DPoP proof",
        "RFC 9449 s4.2",
        types=("dpop+jwt",),
        required=("jti", "htm", "htu", "iat"),
        brings_key=True,
    ),
)

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({profile.name: profile for profile in _PROFILES})
"""Every profile, by name; read-only."""

FAR_FUTURE: Final = YEAR
"""Seconds ahead beyond which an ``exp`` lies far in the future."""

_BACK_CHANNEL_LOGOUT: Final = "http://schemas.openid.net/event/backchannel-logout"
_OF_ID_TOKENS: Final = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})


def detect_profile(header: Mapping[str, Any], claims: Mapping[str, Any]) -> tuple[Profile, str]:
    """Tell the kind of a token by its ``typ``, or by claims that only one kind has.

    Returns:
        The profile, and what told it: ``typ``, a claim's name, or ``nothing``.
    """
    typ = header.get("typ")
    if isinstance(typ, str) and media_type(typ) != media_type("JWT"):
        for profile in _PROFILES:
            if media_type(typ) in map(media_type, profile.types):
                return profile, "typ"
        return PROFILES["jwt"], "nothing"
    events = claims.get("events")
    if isinstance(events, dict) and _BACK_CHANNEL_LOGOUT in events:
        return PROFILES["logout-token"], "events"
    telling = sorted(_OF_ID_TOKENS.intersection(claims))
    if telling and {"iss", "sub", "aud"}.issubset(claims):
        return PROFILES["id-token"], telling[0]
    return PROFILES["jwt"], "nothing"
