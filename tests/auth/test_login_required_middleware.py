"""Django's LoginRequiredMiddleware: it knows sessions alone, and keeps nobody from what asks for a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client, override_settings

from jotpass.testing import token_for
from tests.auth.django_views import MIDDLEWARE
from tests.auth.people import PASSWORD, create_user

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("transactional_db")

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
CHAINS = {
    "alone": [*MIDDLEWARE[:3], LOGIN_REQUIRED],
    "above ours": [*MIDDLEWARE[:3], LOGIN_REQUIRED, MIDDLEWARE[3]],
    "below ours": [*MIDDLEWARE, LOGIN_REQUIRED],
}
PUBLIC = ["/livez", "/readyz", "/.well-known/jwks.json"]
PROTECTED = [
    "/protected/",
    "/protected-async/",
    "/class/",
    "/class-async/",
    "/api/session/",
    "/api/sessions/",
]


@pytest.fixture(autouse=True, params=CHAINS)
def chain(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where it stands."""
    with override_settings(ROOT_URLCONF="tests.auth.django_views", MIDDLEWARE=CHAINS[request.param]):
        yield request.param


@pytest.fixture(params=["wsgi", "asgi"])
def handler(request: pytest.FixtureRequest) -> str:
    """Which of Django's handlers answers."""
    kind: str = request.param
    return kind


def _get(handler: str, path: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if handler == "wsgi":
        return Client().get(path, headers=headers)
    return async_to_sync(AsyncClient().get)(path, headers=headers)


def test_it_is_there() -> None:
    """A view that nobody has marked redirects; the tests below would show nothing otherwise."""
    assert _get("wsgi", "/anybody/").status_code == 302


@pytest.mark.parametrize("path", PUBLIC)
def test_what_is_public_stays_so(handler: str, path: str) -> None:
    """A probe and a service that wants the keys have neither session nor token."""
    assert _get(handler, path).status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_a_good_token_is_let_in(handler: str, path: str) -> None:
    """Functions and classes, sync and async, and the views of the contract."""
    assert _get(handler, path, token_for(create_user())).status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_without_one_the_answer_is_401(handler: str, path: str) -> None:
    """And not a page to sign in at, which no client of an API could use."""
    for token in ("", "no.token.atall"):
        assert _get(handler, path, token).status_code == 401


def test_signing_in_needs_no_session() -> None:
    """Nor does what a client does next."""
    person = create_user()
    body = {"username": person.get_username(), "password": PASSWORD}
    pair = Client().post("/api/token/", body, content_type="application/json").json()
    for call in ("token/refresh/", "logout/"):
        answer = Client().post(f"/api/{call}", {"refresh": pair["refresh"]}, content_type="application/json")
        assert answer.status_code in {200, 204}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_ninja_lets_in_whom_our_middleware_introduces(
    handler: str, kind: str, chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its views are not ours to mark, so the two middlewares stand together, in either order."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)
    expected = 302 if chain == "alone" else 200
    with override_settings(ROOT_URLCONF="tests.auth.ninja_site"):
        assert _get(handler, f"/ninja/{kind}", token_for(create_user())).status_code == expected
