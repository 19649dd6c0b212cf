"""The access and the refresh token that are returned together."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a refresh gives (RFC 6749 s5.1).

    Attributes:
        access: The access token.
        refresh: The refresh token.
        expires_in: Seconds until the access token ends.
        session_id: ``sid``.
        transport: How the pair travels, fixed at sign-in.
        scope: The scopes granted, separated by spaces; empty for none.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    session_id: str
    transport: str
    scope: str = ""
