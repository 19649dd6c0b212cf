"""A project that throttles: 429 in the one shape, with the seconds to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from jotpass.auth.drf import views
from tests.auth.http.contract import OPEN_POSTS, PASSWORD, Api, check_refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class UnsureThrottle(FullThrottle):
    """Lets nobody through, and does not know for how long."""

    def wait(self) -> None:  # type: ignore[override]
        """Unknown."""


def test_a_throttle_need_not_know_how_long(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer says all the same when to come again."""
    monkeypatch.setattr(views.TokenView, "throttle_classes", [UnsureThrottle])
    answer = api.post("token/", {})
    check_refusal(answer, "throttled")
    assert answer["Retry-After"] == "1"


class TwiceAMinute(SimpleRateThrottle):
    """Two calls from one address."""

    scope = "test"
    rate = "2/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Count by address."""
        return f"throttle-test-{self.get_ident(request)}"


@pytest.fixture
def throttled_project(settings: Any) -> Iterator[None]:
    """A project whose defaults throttle."""
    cache.clear()
    throttles = {"DEFAULT_THROTTLE_CLASSES": [f"{__name__}.TwiceAMinute"]}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | throttles
    yield
    cache.clear()


def test_the_projects_throttles_count_sign_ins(
    api: Api, person: Any, throttled_project: None, settings: Any
) -> None:
    """Good and bad ones alike; afterwards it is 429, even with the right password."""
    body = {"username": person.get_username(), "password": PASSWORD}
    check_refusal(api.post("token/", body | {"password": "wrong"}), "no_active_account")
    assert api.post("token/", body).status_code == 200
    answer = api.post("token/", body)
    check_refusal(answer, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 60
    settings.REST_FRAMEWORK = {}
    assert api.post("token/", body).status_code == 200


def test_the_projects_throttles_count_reauthentications(
    api: Api, pair: dict[str, Any], throttled_project: None
) -> None:
    """The other place where a password can be tried."""
    for _ in range(2):
        answer = api.post("session/reauthenticate/", {"password": "wrong"}, bearer=pair["access"])
        check_refusal(answer, "no_active_account")
    answer = api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=pair["access"])
    check_refusal(answer, "throttled")


def test_nothing_else_is_throttled_by_the_project(
    api: Api, pair: dict[str, Any], throttled_project: None
) -> None:
    """Nobody is signed out because a family of ten shares an address."""
    for _ in range(5):
        pair = api.refresh(pair)
        assert api.get("session/", bearer=pair["access"]).status_code == 200
        assert api.post("token/verify/", {"token": pair["access"]}).status_code == 200
