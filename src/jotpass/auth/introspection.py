"""Introspection (RFC 7662): what a token is worth at this moment, by the database and not by the feed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.authentication import user_of_this_moment
from jotpass.auth.models import Revocation, session_database
from jotpass.auth.policy import request_policy

if TYPE_CHECKING:
    from jotpass.auth.sites import Site

INACTIVE: Final = {"active": False}
"""The whole answer about everything else, so that nothing is learnt from it (RFC 7662 s2.2)."""


@sensitive_variables()
def introspect_token(token: str, site: Site | None = None) -> dict[str, Any]:
    """Describe a live access token (RFC 7662 s2.2).

    A refresh token is never described: who introspects is sent access tokens, and must not take one kind for
    the other.

    Args:
        token: Any string.
        site: Whose token it must be (`site_of`); None for the site of ISSUER and AUDIENCE.

    Returns:
        Its claims with ``active``, ``token_type`` and ``username``. For a token that is unknown, expired or
        revoked, of another kind or site, whose account is not as it was, or whose person USER_QUERYSET leaves
        out: ``active`` alone, which is False.
    """
    try:
        policy = request_policy(site)
        access_token = verify_access_token(token, policy.tokens, now=time.time())
        user = user_of_this_moment(access_token, policy)
    except errors.CredentialError:
        return dict(INACTIVE)
    if _is_revoked_alone(access_token.token_id):
        return dict(INACTIVE)
    described = {"active": True, "token_type": "Bearer", "username": str(user.get_username())}
    return dict(access_token) | described


def _is_revoked_alone(token_id: str) -> bool:
    revocations = Revocation.objects.using(session_database())
    return revocations.filter(key=token_id, until__gt=Now()).exists()
