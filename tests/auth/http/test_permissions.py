"""HasScope and RecentAuthentication on a project's view: who is let in, and what the others are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F
from django.test import RequestFactory
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as stock_handler

from jotpass.auth.drf.errors import exception_handler
from jotpass.auth.drf.permissions import HasScope, RecentAuthentication
from jotpass.auth.models import Session
from jotpass.auth.sessions import start_session
from jotpass.testing import token_for
from tests.auth.http.contract import PASSWORD, Api, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

    Ask = Callable[..., Response]

CHALLENGE = (
    'Bearer realm="api", error="insufficient_scope", '
    'error_description="The access token does not have the scope that this needs.", '
    'scope="{}", code="insufficient_scope"'
)


class Nobody(BasePermission):
    """Lets nobody in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say no."""
        return False


class ReadOnly(BasePermission):
    """Lets everybody read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Look at the method."""
        return request.method in SAFE_METHODS


@pytest.fixture(params=["stock", "ours"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Call a view with these permissions, under DRF's exception handler and under ours."""
    handler = {"stock": stock_handler, "ours": exception_handler}[request.param]

    def call(token: str | None, *permissions: Any, method: str = "GET", on_object: bool = False) -> Response:
        class View(APIView):
            permission_classes = permissions

            def get_exception_handler(self) -> Any:
                return handler

            def get(self, request: Request) -> Response:
                if on_object:
                    self.check_object_permissions(request, object())
                return Response({"in": True})

            post = get

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = View.as_view()(RequestFactory().generic(method, "/", headers=headers))
        assert isinstance(answer, Response)
        return answer

    return call


@pytest.fixture
def token(person: Any) -> str:
    """An access token with the scopes `read` and `orders:write`."""
    return start_session(person, scope="read orders:write").access


def is_challenged(answer: Response, scope: str) -> bool:
    """Whether an answer is a 403 that names this scope, with the code in its body."""
    challenge = CHALLENGE.format(scope)
    code = answer.data.get("code")
    return (answer.status_code, answer["WWW-Authenticate"], code) == (403, challenge, "insufficient_scope")


def is_plain_refusal(answer: Response) -> bool:
    """Whether an answer is a 403 that says nothing of tokens."""
    return answer.status_code == 403 and "WWW-Authenticate" not in answer


@pytest.mark.parametrize("scopes", [["read"], ["orders:write"], ["orders:write", "read"]])
def test_who_has_the_scopes_is_let_in(ask: Ask, token: str, scopes: list[str]) -> None:
    """All of those asked for, in any order."""
    assert ask(token, HasScope(*scopes)).status_code == 200


@pytest.mark.parametrize("scope", ["write", "orders", "READ", "orders:write:all"])
def test_who_lacks_one_is_told_which(ask: Ask, token: str, scope: str) -> None:
    """403, with the challenge of RFC 6750 s3; scopes are compared exactly."""
    assert is_challenged(ask(token, HasScope("read", scope)), f"read {scope}")


def test_who_has_no_token_is_asked_for_one(ask: Ask, person: Any) -> None:
    """A missing token is 401 `token_missing`, whatever else is lacking."""
    answer = ask(None, HasScope("read"))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", code="token_missing"'


def test_a_token_without_scope_has_none(ask: Ask, person: Any) -> None:
    """No scope is not every scope."""
    assert is_challenged(ask(token_for(person), HasScope("read")), "read")


def test_they_compose_as_drf_composes(ask: Ask, token: str) -> None:
    """Either side of `&`, `|` and `~`, with classes and with what they were composed to."""
    lacking, has = HasScope("write"), HasScope("read")
    for permission in (
        has & IsAuthenticated,
        IsAuthenticated & has,
        lacking | IsAuthenticated,
        IsAuthenticated | lacking,
        ~lacking,
        (IsAdminUser & IsAuthenticated) | has,
        has | (IsAdminUser & IsAuthenticated),
        lacking | has,
        ~lacking & has,
    ):
        assert ask(token, permission).status_code == 200
        assert ask(token, permission, on_object=True).status_code == 200


def test_a_composed_refusal_names_the_scope(ask: Ask, token: str) -> None:
    """Whoever could have come in by a scope is told which."""
    lacking = HasScope("write")
    for permission in (
        lacking & IsAuthenticated,
        IsAuthenticated & lacking,
        lacking | IsAdminUser,
        IsAdminUser | lacking,
        (IsAuthenticated & ReadOnly) & lacking,
    ):
        assert is_challenged(ask(token, IsAuthenticated, permission), "write")


def test_a_refusal_for_another_reason_names_none(ask: Ask, token: str) -> None:
    """A scope that was lacking and did not matter is not what the client should come back with."""
    lacking, has = HasScope("write"), HasScope("read")
    assert is_plain_refusal(ask(token, Nobody & lacking))
    assert is_plain_refusal(ask(token, has, Nobody))
    assert is_plain_refusal(ask(token, lacking | IsAuthenticated, Nobody))
    assert is_plain_refusal(ask(token, ~lacking, Nobody))
    assert is_plain_refusal(ask(token, ~has))


def test_a_view_may_choose_its_permissions_by_the_call(ask: Ask, token: str) -> None:
    """Permissions made anew for each call are known again."""

    class View(APIView):
        def get_permissions(self) -> list[Any]:
            return [HasScope("write" if self.request.method == "POST" else "read")]

        def get(self, request: Request) -> Response:
            return Response()

        post = get

    headers = {"Authorization": f"Bearer {token}"}
    assert View.as_view()(RequestFactory().get("/", headers=headers)).status_code == 200
    refused = View.as_view()(RequestFactory().post("/", headers=headers))
    assert isinstance(refused, Response)
    assert is_challenged(refused, "write")


@pytest.mark.parametrize("scopes", [(), ("",), ("two words",), ('quo"te',), ("a\n",)])
def test_a_name_that_is_no_scope_is_a_mistake(scopes: tuple[str, ...]) -> None:
    """It is found when the view is written, not when it is called."""
    with pytest.raises(ValueError, match="scope"):
        HasScope(*scopes)


@pytest.mark.parametrize("max_age", [300, timedelta(minutes=5)])
def test_a_recent_sign_in_is_let_in(ask: Ask, person: Any, max_age: Any) -> None:
    """Seconds or a timedelta; refreshing does not make an old sign-in young."""
    assert ask(token_for(person), RecentAuthentication(max_age)).status_code == 200


def test_an_old_one_is_sent_to_authenticate_again(ask: Ask, api: Api, person: Any) -> None:
    """401 with the challenge of RFC 9470; the token from `session/reauthenticate/` then suffices."""
    pair = api.sign_in(person)
    Session.objects.update(auth_time=F("auth_time") - timedelta(seconds=400))
    old = api.refresh(pair)["access"]
    refused = ask(old, IsAuthenticated & RecentAuthentication(300))
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == (
        'Bearer realm="api", error="insufficient_user_authentication", '
        'error_description="A more recent or a stronger authentication is needed.", '
        'max_age="300", code="reauthentication_required"'
    )
    assert refused.data["code"] == "reauthentication_required"
    assert ask(old, RecentAuthentication(500)).status_code == 200
    fresh = read(api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=old))["access"]
    assert ask(fresh, IsAuthenticated & RecentAuthentication(300)).status_code == 200


def test_leeway_counts(ask: Ask, api: Api, person: Any, settings: Any) -> None:
    """Where clocks may differ, they may differ here too."""
    pair = api.sign_in(person)
    Session.objects.update(auth_time=F("auth_time") - timedelta(seconds=310))
    old = api.refresh(pair)["access"]
    assert ask(old, RecentAuthentication(300)).status_code == 401
    settings.JOTPASS = {"LEEWAY": 30}
    assert ask(old, RecentAuthentication(300)).status_code == 200


def test_a_stronger_sign_in_may_be_asked_for(ask: Ask, person: Any) -> None:
    """The token says by which context the person authenticated, and the challenge which are wanted."""
    strong = RecentAuthentication(300, acr_values=["urn:example:gold", "urn:example:silver"])
    assert ask(start_session(person, acr="urn:example:silver").access, strong).status_code == 200
    for weak in ("", "urn:example:bronze"):
        refused = ask(start_session(person, acr=weak).access, strong)
        assert refused.status_code == 401
        assert 'acr_values="urn:example:gold urn:example:silver"' in refused["WWW-Authenticate"]


@pytest.mark.parametrize(("ahead", "answer"), [(50, 200), (70, 401)])
def test_a_sign_in_that_has_yet_to_come_is_not_recent(
    ask: Ask, api: Api, person: Any, ahead: int, answer: int
) -> None:
    """The database's clock says when it was: one that is well ahead would make it recent for too long."""
    pair = api.sign_in(person)
    Session.objects.update(auth_time=F("auth_time") + timedelta(seconds=ahead))
    token = api.refresh(pair)["access"]
    assert ask(token, RecentAuthentication(300)).status_code == answer


@pytest.mark.parametrize("max_age", [0, -1, timedelta(0), float("nan"), float("inf")])
def test_an_age_that_nobody_can_have_is_a_mistake(max_age: Any) -> None:
    """It is found when the view is written."""
    with pytest.raises(ValueError, match="max_age"):
        RecentAuthentication(max_age)
