"""What a good access token may still lack: a scope (RFC 6750 s3.1), or a recent sign-in (RFC 9470)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from jotpass.auth import errors
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.scope import join_scopes, parse_scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jotpass.auth.access_tokens import AccessToken


CLOCK_TOLERANCE: Final = 60.0
"""Seconds, besides LEEWAY, by which the database's clock, that of `auth_time`, may be ahead."""


class Requirement(Protocol):
    """Something that a token must fulfil.

    Attributes:
        refusal: What to answer when it does not.
    """

    refusal: errors.InsufficientAuthorization

    def suffices(self, access_token: AccessToken) -> bool:
        """Judge a verified access token."""


class ScopeRequirement:
    """A token must carry every one of these scopes.

    Raises:
        ValueError: A name is not that of a scope, or there is none.
    """

    def __init__(self, *scopes: str) -> None:
        scope = join_scopes(scopes)
        if not scope:
            raise ValueError("the names of scopes are needed, at least one")
        self.scopes = frozenset(scopes)
        self.refusal: errors.InsufficientAuthorization = errors.InsufficientScope(scope=scope)

    def suffices(self, access_token: AccessToken) -> bool:
        """Whether it carries all of them."""
        return self.scopes <= access_token.scopes


class RecencyRequirement:
    """The person must have authenticated lately, and strongly enough.

    Args:
        max_age: How long ago, as a timedelta or in seconds; the setting LEEWAY is added.
        acr_values: The authentication context must be one of these, if any are given.

    Raises:
        ValueError: ``max_age`` is less than a second, or a value cannot stand in a header.
    """

    def __init__(self, max_age: timedelta | float, acr_values: Iterable[str] = ()) -> None:
        seconds = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
        if not 1 <= seconds < float("inf"):
            raise ValueError("max_age must be at least one second")
        self.max_age = int(seconds)
        known = join_scopes(acr_values)
        self.acr_values = frozenset(parse_scope(known))
        wanted = {"acr_values": known} if known else {}
        self.refusal: errors.InsufficientAuthorization = errors.ReauthenticationRequired(
            max_age=str(self.max_age), **wanted
        )

    def suffices(self, access_token: AccessToken) -> bool:
        """Whether its ``auth_time`` is young enough, and its ``acr`` one of those wanted.

        A moment that has yet to come, by more than `CLOCK_TOLERANCE`, says nothing of how long ago it was.
        """
        age = time.time() - access_token.auth_time
        leeway = jotpass_settings.LEEWAY.total_seconds()
        young = -(leeway + CLOCK_TOLERANCE) <= age <= self.max_age + leeway
        return young and (not self.acr_values or access_token.claims.get("acr") in self.acr_values)
