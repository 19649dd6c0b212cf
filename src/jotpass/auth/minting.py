"""Sign the two tokens of a pair from a family's row. Reads nothing and writes nothing.

Access tokens end by the clock of the servers that check them, refresh tokens and sessions by the database's,
which judges them. What an access token has of the session's end is therefore the time that is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from jotpass.auth.access_tokens import Grant, issue_access_token
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.cookies import fits_cookie
from jotpass.auth.key_ring import refresh_key_ring
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import PresentedToken, Verdict, mint_refresh_token
from jotpass.auth.token_pair import TokenPair
from jotpass.auth.transports import COOKIE
from jotpass.jose import JoseError

if TYPE_CHECKING:
    from datetime import datetime

    from jotpass.auth.family_row import FamilyRow
    from jotpass.auth.sites import Site


@dataclass(frozen=True, slots=True)
class MintedPair:
    """A pair and what the row has to remember of it.

    Attributes:
        pair: The tokens.
        idle_expires_at: When the refresh token ends, by the database's clock.
        access_expires_at: ``exp`` of the access token, seconds since the epoch.
    """

    pair: TokenPair
    idle_expires_at: datetime
    access_expires_at: int


@sensitive_variables()
def mint_pair(row: FamilyRow, verdict: Verdict, *, site: Site | None = None, here: float) -> MintedPair:
    """Sign the pair that a verdict grants.

    Args:
        row: The family as it was read.
        verdict: A verdict that grants.
        site: Whose tokens they are; None for the site of ISSUER and AUDIENCE.
        here: This server's time, seconds since the epoch.

    Raises:
        ImproperlyConfigured: The project's claims function returned what a token cannot carry.
    """
    idle_expires_at = row.idle_expires_at
    if verdict.writes:
        idle = row.refresh_lifetime or jotpass_settings.REFRESH_TOKEN_LIFETIME
        idle_expires_at = min(row.now + idle, row.ends_at).replace(microsecond=0)
    policy = token_policy(site)
    refresh = mint_refresh_token(
        PresentedToken(row.fid, verdict.generation, idle_expires_at, row.random_value),
        issuer=policy.issuer,
        keys=refresh_key_ring(policy.issuer),
    )
    grant = Grant(
        subject=str(row.user.pk),
        session_id=str(row.sid),
        family_id=str(row.fid),
        client_id=row.client_id,
        auth_time=int(row.auth_time.timestamp()),
        acr=row.acr,
        scope=row.scope,
        ends_at=int(here + (row.ends_at - row.now).total_seconds()),
    )
    extra_claims = _project_claims(row.user, grant)
    try:
        access = issue_access_token(
            grant, policy, now=here, lifetime=row.access_lifetime, extra_claims=extra_claims
        )
    except (TypeError, ValueError, JoseError) as error:
        message = f"JOTPASS['CLAIMS'] returned what an access token cannot carry: {error}"
        raise ImproperlyConfigured(message) from error
    if row.transport == COOKIE and not fits_cookie(access.token):
        raise ImproperlyConfigured("JOTPASS['CLAIMS'] returned more than a cookie can carry.")
    pair = TokenPair(
        access=access.token,
        refresh=refresh,
        expires_in=access.expires_at - int(here),
        refresh_expires_in=max(0, int((idle_expires_at - row.now).total_seconds())),
        session_id=grant.session_id,
        transport=row.transport,
        scope=row.scope,
    )
    return MintedPair(pair, idle_expires_at, access.expires_at)


def _project_claims(user: Any, grant: Grant) -> Mapping[str, Any]:
    build = jotpass_settings.CLAIMS
    claims = build(user, grant) if build else {}
    if not isinstance(claims, Mapping):
        message = f"JOTPASS['CLAIMS'] must return a mapping, not {type(claims).__name__}."
        raise ImproperlyConfigured(message)
    return claims
