"""From an access token to a user: verify, ask whether it was revoked, find the user. For every framework."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.db import router
from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken, verify_access_token
from jotpass.auth.account import account_refusal
from jotpass.auth.bearer import bearer_token
from jotpass.auth.cookies import access_cookie
from jotpass.auth.csrf import SAFE_METHODS, HasOrigin, check_csrf
from jotpass.auth.family_row import load_family
from jotpass.auth.policy import request_policy
from jotpass.auth.request_user import deferred_user, primary_key_of
from jotpass.auth.revocation import feed
from jotpass.auth.sites import chosen_site
from jotpass.auth.transports import transport_policy
from jotpass.auth.uuid7 import parse_uuid

if TYPE_CHECKING:
    from jotpass.auth.policy import RequestPolicy
    from jotpass.auth.sites import Site


class IncomingRequest(HasOrigin, Protocol):
    """What authentication needs of a request: Django's has it, and what DRF wraps around that."""

    @property
    def method(self) -> str | None:
        """``GET``, ``POST`` and so on."""


class Authenticated(NamedTuple):
    """Who sent a request, and the token that says so."""

    user: Any
    access_token: AccessToken


@sensitive_variables()
def authenticate_request(
    request: IncomingRequest,
    *,
    missing_user: type[Exception] = errors.NoActiveAccount,
) -> Authenticated | None:
    """Find out who sent a request: the one entrance, for every web framework.

    An Authorization header has the last word, whatever it says. Without one, and where the project allows the
    transport ``cookie``, the access token may come by cookie.

    Args:
        request: A Django request, or one that wraps it.
        missing_user: What a user without a row raises when it is first read, for the web framework at hand.

    Returns:
        Who sent it; None when no credential of ours came with it.

    Raises:
        CredentialError: The token is refused; the code says why.
        CsrfFailed: It came by cookie, and no trusted page made the request, which may change something.
        FeedStale: Nobody can tell whether it was revoked.
        SiteUnknown: A credential came, to an address that is none of our sites'.
    """
    header = request.META.get("HTTP_AUTHORIZATION")
    token = _from_cookie(request) if header is None else bearer_token(header)
    return None if token is None else _authenticate(token, chosen_site(request), missing_user)


@sensitive_variables()
def _from_cookie(request: IncomingRequest) -> str | None:
    if not transport_policy().reads_access_cookie:
        return None
    token = access_cookie(request)
    if token is not None and request.method not in SAFE_METHODS:
        check_csrf(request)
    return token


@sensitive_variables()
def authenticate_access_token(
    token: str,
    *,
    site: Site | None = None,
    missing_user: type[Exception] = errors.NoActiveAccount,
) -> Authenticated:
    """Verify an access token and find its user: `authenticate_request` for a token that came otherwise.

    Args:
        token: The compact serialization.
        site: Where it was sent to (`site_of`); None for the site of ISSUER and AUDIENCE.
        missing_user: What a user without a row raises when it is first read.
    """
    return _authenticate(token, site, missing_user)


def _authenticate(token: str, site: Site | None, missing_user: type[Exception]) -> Authenticated:
    policy = request_policy(site)
    access_token = verify_access_token(token, policy.tokens, now=time.time())
    if policy.revocation != "none":
        _check_revocation(access_token, policy)
    if policy.revocation == "strict":
        return Authenticated(user_of_this_moment(access_token, policy), access_token)
    return Authenticated(_user(access_token, policy, missing_user), access_token)


def _check_revocation(access_token: AccessToken, policy: RequestPolicy) -> None:
    """Refuse a revoked access token, by the feed that this process holds."""
    claims = access_token.claims
    if feed.is_revoked(
        claims["sid"],
        claims["fid"],
        claims["jti"],
        max_staleness=policy.max_staleness,
        fail_open=policy.fail_open,
    ):
        raise errors.TokenRevoked


def _user(access_token: AccessToken, policy: RequestPolicy, missing: type[Exception]) -> Any:
    user_model = policy.user_model
    if policy.deferred_user:
        using = router.db_for_read(user_model)
        return deferred_user(user_model, access_token.subject, using=using, missing=missing)
    primary_key = primary_key_of(user_model, access_token.subject)
    find = policy.user_queryset
    users = find(access_token) if find else user_model._default_manager.all()
    user = users.filter(pk=primary_key).first()
    if user is None or not user.is_active:
        raise errors.NoActiveAccount
    return user


def user_of_this_moment(access_token: AccessToken, policy: RequestPolicy) -> Any:
    """Ask the database, whatever REVOCATION says, and let nobody pass whom a request would not.

    Raises:
        CredentialError: The token is revoked, or its person not among those who may enter.
    """
    user = strict_user(access_token)
    if policy.deferred_user or (policy.revocation == "strict" and policy.user_queryset is None):
        return user
    return _user(access_token, policy, errors.NoActiveAccount)


def strict_user(access_token: AccessToken) -> Any:
    """Ask the database about family, session and user at once, and hand out the user that it found.

    A single token revoked by its ``jti`` has no row there, so that is asked apart.
    """
    fid = parse_uuid(access_token.family_id)
    row = load_family(fid) if fid else None
    if row is None or row.revoked or row.now >= row.ends_at or str(row.sid) != access_token.session_id:
        raise errors.TokenRevoked
    if str(row.user.pk) != access_token.subject:
        raise errors.TokenInvalid
    if account_refusal(row.user, row.auth_hash, row.sid):
        raise errors.TokenRevoked
    return row.user
