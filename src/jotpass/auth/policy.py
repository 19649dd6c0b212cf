"""The settings of the moment as the frozen policies that the pure rooms take."""

from __future__ import annotations

from jotpass.auth.access_tokens import TokenPolicy
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import access_key_ring
from jotpass.auth.refresh_tokens import RotationPolicy


def token_policy() -> TokenPolicy:
    """Return how access tokens are signed and which are accepted, by the settings of this moment."""
    issuer = jotpass_settings.ISSUER
    return TokenPolicy(
        issuer=issuer,
        audience=jotpass_settings.AUDIENCE,
        algorithm=jotpass_settings.SIGNING_ALGORITHM,
        lifetime=jotpass_settings.ACCESS_TOKEN_LIFETIME,
        leeway=jotpass_settings.LEEWAY,
        keys=access_key_ring(issuer),
    )


def rotation_policy() -> RotationPolicy:
    """Return how long a replaced refresh token is answered, by the settings of this moment."""
    return RotationPolicy(
        grace=jotpass_settings.REFRESH_REUSE_GRACE, recovery=jotpass_settings.REFRESH_RECOVERY
    )
