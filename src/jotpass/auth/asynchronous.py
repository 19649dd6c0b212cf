"""The Python API for async code: each call by its name with an ``a`` in front.

What needs the database runs in a thread, as Django's own async ORM does. A request with an access token
mostly needs none, and is then judged where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation

from jotpass.auth import errors
from jotpass.auth.authentication import authenticate_request
from jotpass.auth.live_key_ring import LiveKeyRing
from jotpass.auth.policy import request_policy
from jotpass.auth.revocation import feed, revoke_family, revoke_session, revoke_token, revoke_user
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, keep_session, start_session
from jotpass.auth.sites import chosen_site

if TYPE_CHECKING:
    from jotpass.auth.authentication import Authenticated, IncomingRequest

_CREDENTIALS: Final = frozenset({"HTTP_AUTHORIZATION", "HTTP_COOKIE"})

astart_session: Final = sync_to_async(start_session)
arotate_refresh_token: Final = sync_to_async(rotate_refresh_token)
aend_session: Final = sync_to_async(end_session)
akeep_session: Final = sync_to_async(keep_session)
arevoke_family: Final = sync_to_async(revoke_family)
arevoke_session: Final = sync_to_async(revoke_session)
arevoke_token: Final = sync_to_async(revoke_token)
arevoke_user: Final = sync_to_async(revoke_user)


async def aauthenticate_request(
    request: IncomingRequest,
    *,
    missing_user: type[Exception] = errors.NoActiveAccount,
) -> Authenticated | None:
    """Find out who sent a request: `authenticate_request` for async code.

    The fields of the user that it finds may be deferred, and async code cannot read those: `aload_user` loads
    them.

    Args:
        request: A Django request, or one that wraps it.
        missing_user: What a user without a row raises when it is loaded, for the web framework at hand.

    Returns:
        Who sent it; None when no credential of ours came with it.

    Raises:
        CredentialError: The token is refused; the code says why.
        FeedStale: Nobody can tell whether it was revoked.
    """
    try:
        if _needs_no_database(request):
            return authenticate_request(request, missing_user=missing_user)
    except SynchronousOnlyOperation:
        # Now and then something else is read: keys, or what a function of the project wants to know. Django
        # says so before it asks the database.
        pass
    return await sync_to_async(authenticate_request)(request, missing_user=missing_user)


def _needs_no_database(request: IncomingRequest) -> bool:
    """Whether, as a rule, a token is judged by what this process holds in memory."""
    if request.META.keys().isdisjoint(_CREDENTIALS):
        return True
    try:
        policy = request_policy(chosen_site(request))
    except errors.SiteUnknown:
        # Only a credential that turns out to be ours is refused for it.
        return False
    keys = policy.tokens.keys
    if isinstance(keys, LiveKeyRing) and not keys.is_fresh:
        return False
    judged_here = policy.revocation == "none" or (policy.revocation == "feed" and feed.is_fresh)
    return judged_here and policy.deferred_user


async def aload_user(user: Any) -> Any:
    """Load whatever is deferred of a request's user, in one statement, and return the user.

    Raises:
        Exception: The ``missing_user`` of its authentication; the user has no row any more.
    """
    if user.get_deferred_fields():
        await sync_to_async(user.refresh_from_db)()
    return user
