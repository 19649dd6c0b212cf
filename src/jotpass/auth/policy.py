"""The settings of the moment as the frozen policies that the pure rooms take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from jotpass.auth.access_tokens import TokenPolicy
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import access_key_ring
from jotpass.auth.live_key_ring import LiveKeyRing
from jotpass.auth.refresh_tokens import RotationPolicy
from jotpass.auth.remembered import remembered, remembered_for_each
from jotpass.auth.sites import Site, default_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from jotpass.auth.access_tokens import AccessToken


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Everything that decides about a request with an access token.

    Attributes:
        tokens: Which tokens are accepted.
        revocation: Who is asked whether one was revoked: ``none``, ``feed`` or ``strict``.
        max_staleness: Seconds that the feed may be old.
        fail_open: Judge by an older feed too.
        user_model: The project's user model.
        deferred_user: Read the user when something of it is asked for, not at once.
        user_queryset: Among whom the user of a token is looked for; None for everybody.
    """

    tokens: TokenPolicy
    revocation: str
    max_staleness: float
    fail_open: bool
    user_model: Any
    deferred_user: bool
    user_queryset: Callable[[AccessToken], QuerySet[Any]] | None


@remembered_for_each
def request_policy(site: Site | None = None) -> RequestPolicy:
    """Return what decides about a request, by the settings of this moment.

    Args:
        site: Where the request was sent to; None for the site of ISSUER and AUDIENCE.
    """
    return RequestPolicy(
        tokens=token_policy(site),
        revocation=jotpass_settings.REVOCATION,
        max_staleness=jotpass_settings.REVOCATION_MAX_STALENESS.total_seconds(),
        fail_open=jotpass_settings.REVOCATION_FAIL_OPEN,
        user_model=get_user_model(),
        deferred_user=jotpass_settings.REQUEST_USER == "deferred",
        user_queryset=jotpass_settings.USER_QUERYSET,
    )


@remembered_for_each
def token_policy(site: Site | None = None) -> TokenPolicy:
    """Return how access tokens are signed and which are accepted, by the settings of this moment.

    Args:
        site: Whose tokens; None for the site of ISSUER and AUDIENCE.
    """
    issued_by = site or default_site()
    keys = access_key_ring(issued_by.issuer)
    return TokenPolicy(
        issuer=issued_by.issuer,
        audience=issued_by.audience,
        algorithm=None if isinstance(keys, LiveKeyRing) else jotpass_settings.SIGNING_ALGORITHM,
        lifetime=jotpass_settings.ACCESS_TOKEN_LIFETIME,
        leeway=jotpass_settings.LEEWAY,
        keys=keys,
    )


@remembered
def rotation_policy() -> RotationPolicy:
    """Return how long a replaced refresh token is answered, by the settings of this moment."""
    return RotationPolicy(
        grace=jotpass_settings.REFRESH_REUSE_GRACE, recovery=jotpass_settings.REFRESH_RECOVERY
    )
