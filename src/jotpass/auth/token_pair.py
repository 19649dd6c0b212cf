"""The access and the refresh token that are returned together."""

from __future__ import annotations

from dataclasses import dataclass, field

from jotpass.auth.transports import BODY, COOKIE, HYBRID


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a refresh gives (RFC 6749 s5.1).

    Attributes:
        access: The access token.
        refresh: The refresh token.
        expires_in: Seconds until the access token ends.
        refresh_expires_in: Seconds until the refresh token ends.
        session_id: ``sid``.
        transport: How the pair travels, fixed at sign-in.
        scope: The scopes granted, separated by spaces; empty for none.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    session_id: str
    transport: str
    scope: str = ""

    @property
    def json(self) -> dict[str, str | int]:
        """What of the pair is answered in JSON; the rest is for cookies (`set_token_cookies`)."""
        in_json = {BODY: ("access", "refresh"), HYBRID: ("access",), COOKIE: ()}[self.transport]
        names = (*in_json, "expires_in", "scope") if self.scope else (*in_json, "expires_in")
        return {name: getattr(self, name) for name in names}
