"""Whose tokens the cookies of a request are: who clears them ends the sessions that they belong to.

Once they are cleared, nobody could end them here. So a token counts that has expired or was replaced, and
every one of several cookies of a name: whoever has a token that we signed may end its session.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.cookies import access_cookies, refresh_cookies
from jotpass.auth.policy import token_policy
from jotpass.auth.rotation import family_of_refresh_token
from jotpass.auth.sites import chosen_site
from jotpass.auth.uuid7 import parse_uuid

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class NamedFamily(NamedTuple):
    """A session and the token family under it, as a token of ours names them."""

    sid: UUID
    fid: UUID


@sensitive_variables()
def family_of_refresh(token: str, request: Request) -> NamedFamily | None:
    """Find the family of a refresh token of ours, current or not."""
    row = family_of_refresh_token(token, request._request)
    return NamedFamily(row.sid, row.fid) if row else None


@sensitive_variables()
def family_of_access(token: str, request: Request) -> NamedFamily | None:
    """Find the family of an access token of ours, which may have expired. Nothing is read for it."""
    try:
        policy = token_policy(chosen_site(request))
        access_token = verify_access_token(token, policy, now=time.time(), ignore_expiry=True)
    except errors.CredentialError:
        return None
    sid, fid = parse_uuid(access_token.session_id), parse_uuid(access_token.family_id)
    return NamedFamily(sid, fid) if sid and fid else None


@sensitive_variables()
def families_of_cookies(request: Request) -> set[NamedFamily]:
    """Find the families of all the tokens of ours that came by cookie.

    The caller has made sure that a trusted page sent them.
    """
    found = {family_of_refresh(token, request) for token in refresh_cookies(request)}
    found |= {family_of_access(token, request) for token in access_cookies(request)}
    return {family for family in found if family is not None}
