"""Transports: how the tokens of a session travel, and which ways the project allows.

``body``: both in JSON. ``hybrid``: the access token in JSON, the refresh token in a cookie. ``cookie``: both
in cookies. These are the patterns of RFC 10017 s6, weakest first. A session keeps the one that it began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jotpass.auth.conf import BODY, COOKIE, HYBRID, jotpass_settings
from jotpass.auth.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

TRANSPORT_HEADER: Final = "X-Jotpass-Transport"
"""What a client asks with. A page of another origin cannot send it without asking first (CORS)."""

BY_COOKIE: Final = frozenset({HYBRID, COOKIE})
"""The transports whose refresh token is in a cookie."""

__all__ = ["BODY", "BY_COOKIE", "COOKIE", "HYBRID", "TRANSPORT_HEADER", "TransportPolicy", "transport_policy"]


@dataclass(frozen=True, slots=True)
class TransportPolicy:
    """Which transports the project allows, and whose pages may use its cookies.

    Attributes:
        allowed: The transports, the default one first.
        trusted_origins: Origins other than our own.
    """

    allowed: tuple[str, ...]
    trusted_origins: AbstractSet[str]

    @property
    def default(self) -> str:
        """The transport of a client that asks for none."""
        return self.allowed[0]

    @property
    def sets_cookies(self) -> bool:
        """Whether any session of the project has cookies."""
        return not BY_COOKIE.isdisjoint(self.allowed)

    @property
    def reads_access_cookie(self) -> bool:
        """Whether a cookie may authenticate a call."""
        return COOKIE in self.allowed


@remembered
def transport_policy() -> TransportPolicy:
    """Return what the settings of this moment say."""
    return TransportPolicy(jotpass_settings.TRANSPORTS, frozenset(jotpass_settings.TRUSTED_ORIGINS))
