"""For the tests of a project that uses Jotpass: sign somebody in without a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jotpass.auth import start_session

if TYPE_CHECKING:
    from jotpass.auth.token_pair import TokenPair


def token_pair_for(user: Any) -> TokenPair:
    """Start a session for a saved, active user and return both tokens."""
    return start_session(user)


def token_for(user: Any) -> str:
    """Start a session for a saved, active user and return the access token.

    Send it as ``Authorization: Bearer <token>``; with DRF's test client,
    ``client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(user)}")``.
    """
    return token_pair_for(user).access
