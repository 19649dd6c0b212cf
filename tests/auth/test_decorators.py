"""``@jwt_required``: functions and classes, sync and async, with the middleware and without it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.contrib.auth import get_user_model
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.utils import timezone

from jotpass.auth import errors, rotate_refresh_token, start_session
from jotpass.auth.decorators import jwt_required
from jotpass.auth.models import Session
from jotpass.testing import token_for
from tests.auth.django_views import MIDDLEWARE, protected, protected_async
from tests.auth.people import create_user, vanish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

pytestmark = pytest.mark.usefixtures("transactional_db")

PATHS = ["/protected/", "/protected-async/", "/class/", "/class-async/"]


@pytest.fixture(autouse=True, params=["alone", "middleware"])
def _site(request: pytest.FixtureRequest) -> Iterator[None]:
    chain = MIDDLEWARE if request.param == "middleware" else MIDDLEWARE[:3]
    with override_settings(ROOT_URLCONF="tests.auth.django_views", MIDDLEWARE=chain):
        yield


def _get(handler: str, method: str, path: str, **headers: str) -> Any:
    if handler == "wsgi":
        return getattr(Client(enforce_csrf_checks=True), method)(path, headers=headers)
    return async_to_sync(getattr(AsyncClient(enforce_csrf_checks=True), method))(path, headers=headers)


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_good_token_is_let_in(handler: str, path: str, method: str) -> None:
    """Whatever the method: the header takes the place of Django's CSRF token."""
    user = create_user()
    answer = _get(handler, method, path, Authorization=f"Bearer {token_for(user)}")
    assert answer.json()["pk"] == str(user.pk)


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
@pytest.mark.parametrize("path", PATHS)
def test_without_one_the_answer_is_401(handler: str, path: str) -> None:
    """In the one shape, with the challenge; a POST, too, hears this and not of Django's CSRF token."""
    for method in ("get", "post"):
        answer = _get(handler, method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
        assert answer["WWW-Authenticate"] == 'Bearer realm="api", code="token_missing"'
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
@pytest.mark.parametrize("path", PATHS)
def test_a_bad_one_is_401(handler: str, path: str) -> None:
    """The code says what is wrong with it."""
    answer = _get(handler, "get", path, Authorization="Bearer no.token.atall")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_malformed")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
def test_a_django_session_does_not_open_it(handler: str) -> None:
    """Only the token counts: a session is a cookie that any site can have sent."""
    user = create_user()
    if handler == "wsgi":
        client = Client()
        client.force_login(user)
        assert client.post("/protected/").status_code == 401
    else:
        aclient = AsyncClient()
        async_to_sync(aclient.aforce_login)(user)
        assert async_to_sync(aclient.post)("/protected-async/").status_code == 401


@pytest.mark.parametrize("path", ["/protected-name/", "/protected-name-async/"])
def test_a_user_who_is_gone_is_401(path: str) -> None:
    """Without the middleware, too."""
    user = create_user()
    token = token_for(user)
    vanish(user)
    answer = _get("wsgi", "get", path, Authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["code"]) == (401, "no_active_account")


def test_it_stays_sync_or_async() -> None:
    """Django runs a view in a thread or in the loop by what it is."""
    assert not iscoroutinefunction(protected)
    assert iscoroutinefunction(protected_async)
    assert protected.__name__ == "protected"


def test_a_failed_view_under_atomic_requests_writes_nothing() -> None:
    """An error of ours becomes an answer inside the request's transaction, which is undone all the same."""

    @jwt_required
    def writes(request: HttpRequest) -> HttpResponse:
        create_user("half-written")
        raise errors.SessionUnknown

    user = create_user()
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {token_for(user)}"})
    from django.db import connection, transaction  # noqa: PLC0415

    with override_settings(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        with transaction.atomic():
            assert writes(request).status_code == 404
    assert type(user).objects.count() == 1


def _with_scope(scope: str = "", age: float = 0) -> str:
    pair = start_session(create_user(), scope=scope)
    if age:
        Session.objects.update(auth_time=timezone.now() - timedelta(seconds=age))
        pair = rotate_refresh_token(pair.refresh).pair or pair
    return pair.access


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
@pytest.mark.parametrize("path", ["/scoped/", "/scoped-async/"])
def test_a_view_may_ask_for_scopes(handler: str, path: str) -> None:
    """Who has them all is let in; others get 403, and are told what they need."""
    assert _get(handler, "get", path, Authorization=f"Bearer {_with_scope('read write')}").status_code == 200
    Session.objects.all().delete()
    get_user_model().objects.all().delete()
    refused = _get(handler, "get", path, Authorization=f"Bearer {_with_scope('read')}")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="read write"' in refused["WWW-Authenticate"]


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
def test_a_view_may_ask_for_a_recent_sign_in(handler: str) -> None:
    """Who signed in too long ago is told to authenticate again (RFC 9470)."""
    refused = _get(handler, "get", "/recent/", Authorization=f"Bearer {_with_scope(age=400)}")
    assert (refused.status_code, refused.json()["code"]) == (401, "reauthentication_required")
    assert 'error="insufficient_user_authentication"' in refused["WWW-Authenticate"]
    assert 'max_age="300"' in refused["WWW-Authenticate"]
    get_user_model().objects.all().delete()
    assert _get(handler, "get", "/recent/", Authorization=f"Bearer {_with_scope()}").status_code == 200


@pytest.mark.parametrize("options", [{"scopes": ["no good"]}, {"max_age": 0}, {"scopes": ['"']}])
def test_what_cannot_be_asked_for_is_a_mistake_of_the_program(options: dict[str, Any]) -> None:
    """It shows when the module is imported, not when a request comes."""
    with pytest.raises(ValueError, match=r"scope|max_age"):
        jwt_required(**options)
