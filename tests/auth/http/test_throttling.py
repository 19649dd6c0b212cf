"""A project that throttles: 429 in the one shape, with the seconds to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.throttling import BaseThrottle

from jotpass.auth.drf import views
from tests.auth.http.contract import OPEN_POSTS, SIGNED_IN, Api, check_refusal

if TYPE_CHECKING:
    import pytest
    from rest_framework.request import Request
    from rest_framework.views import APIView

VIEWS = [
    views.TokenView,
    views.TokenRefreshView,
    views.TokenVerifyView,
    views.TokenRevokeView,
    views.SignOutView,
]


class FullThrottle(BaseThrottle):
    """Lets nobody through, for another eleven and a half seconds."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Never."""
        return False

    def wait(self) -> float:
        """The rest of the window."""
        return 11.5


def test_too_many_requests_are_429(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A throttled call is `throttled`, and Retry-After says in whole seconds when it is worth another."""
    for view in VIEWS:
        monkeypatch.setattr(view, "throttle_classes", [FullThrottle])
    for path in OPEN_POSTS:
        answer = api.post(path, {})
        check_refusal(answer, "throttled")
        assert answer["Retry-After"] == "12"


def test_the_projects_throttles_are_not_ours(api: Api, settings: object) -> None:
    """The project's DEFAULT_THROTTLE_CLASSES are for its own views: the contract is the same everywhere."""
    for view in VIEWS:
        assert list(view.throttle_classes) == []
    for method, path in SIGNED_IN:
        check_refusal(api.call(method, path), "token_missing")
