"""Permissions that an access token can lack: a scope, or a recent sign-in.

A refusal says in ``WWW-Authenticate`` what the client should come back with, with any exception handler, and
in any combination by ``&``, ``|`` and ``~``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission, SingleOperandHolder

from jotpass.auth.access_tokens import AccessToken
from jotpass.auth.drf.refusals import Refused
from jotpass.auth.requirements import RecencyRequirement, ScopeRequirement

if TYPE_CHECKING:
    from typing import Self

    from rest_framework.request import Request
    from rest_framework.views import APIView

    from jotpass.auth import errors


class TokenPermission(SingleOperandHolder, BasePermission):
    """A permission that depends on the access token: a value, which DRF takes for a composed class."""

    refusal: errors.InsufficientAuthorization

    def __call__(self, *args: Any, **kwargs: Any) -> Self:
        """Return the permission: it holds nothing of a request."""
        return self

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self.refusal) == vars(getattr(other, "refusal", None))

    def __hash__(self) -> int:
        return hash((type(self), *self.refusal.attributes.items()))

    @property
    def message(self) -> str:
        """What a person reads who is signed in by other means than a token."""
        return self.refusal.detail

    @property
    def code(self) -> str:
        """The code for such a person."""
        return self.refusal.code

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token suffices; without a token, nobody knows."""
        access_token = request.auth
        if not isinstance(access_token, AccessToken):
            return False
        if self.suffices(access_token):
            return True
        _explain(self, view)
        return False

    def has_object_permission(self, request: Request, view: APIView, obj: object) -> bool:
        """Whether the token suffices, for each object alike: DRF's ``~`` turns this answer round, too."""
        return self.has_permission(request, view)

    def suffices(self, access_token: AccessToken) -> bool:
        """Judge a verified access token."""
        raise NotImplementedError


class HasScope(ScopeRequirement, TokenPermission):
    """Let in who has every one of these scopes: ``permission_classes = [HasScope("orders.read")]``.

    Others get 403 ``insufficient_scope`` with the challenge of RFC 6750 s3.
    """


class RecentAuthentication(RecencyRequirement, TokenPermission):
    """Let in who authenticated lately: ``permission_classes = [RecentAuthentication(timedelta(minutes=5))]``.

    Others get 401 ``reauthentication_required`` with the challenge of RFC 9470 s3; a token that suffices is
    to be had at ``session/reauthenticate/``.
    """


def _explain(permission: TokenPermission, view: APIView) -> None:
    """Have the view name the permission's challenge, if it is this permission that the request fails by.

    DRF composes booleans, so whoever says no cannot know whether that matters: with ``| IsAdminUser`` beside
    it, administrators are let in. The view's `permission_denied` runs when the answer is no in the end.
    """
    deny = view.permission_denied

    def denied(request: Request, message: str | None = None, code: str | None = None) -> Any:
        # Another permission of the view may be the one that denies: ask again those that we are part of.
        asked = [one for one in view.get_permissions() if _contains(one, permission)]
        if not all(one.has_permission(request, view) for one in asked):
            raise Refused(permission.refusal)
        return deny(request, message=message, code=code)

    view.permission_denied = denied  # type: ignore[method-assign]


def _contains(asked: object, permission: TokenPermission) -> bool:
    """Whether DRF composed a permission of this one; its AND, OR and NOT name their parts so."""
    if asked == permission:
        return True
    parts = (getattr(asked, name, None) for name in ("op1", "op2"))
    return any(part is not None and _contains(part, permission) for part in parts)
