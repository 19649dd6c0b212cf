"""WebSockets by Channels: who opened one, and its end when the access token ends.

The extra ``jotpass[channels]`` brings what these rooms import.
"""

from __future__ import annotations

from jotpass.auth.channels.middleware import JWTAuthMiddleware, arenew_access_token

__all__ = ["JWTAuthMiddleware", "arenew_access_token"]
