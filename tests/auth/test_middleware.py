"""The middleware: who ``request.user`` is in plain Django views, sync and async, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.test import AsyncClient, Client, override_settings

from jotpass.auth import end_session
from jotpass.auth.cookies import PREFIXED
from jotpass.auth.revocation import feed
from jotpass.testing import fresh_feed, token_for, token_pair_for
from tests.auth.django_views import MIDDLEWARE
from tests.auth.people import claims_of, create_user, vanish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Get = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.auth.django_views", MIDDLEWARE=MIDDLEWARE):
        yield


@pytest.fixture(params=["wsgi", "asgi"])
def client(request: pytest.FixtureRequest) -> Any:
    """A client of the sync handler, and one of the async handler; both insist on Django's CSRF token."""
    return Client(enforce_csrf_checks=True) if request.param == "wsgi" else AsgiClient()


class AsgiClient:
    """Django's async client, to be called from sync tests."""

    def __init__(self) -> None:
        self._client = AsyncClient(enforce_csrf_checks=True)

    def __getattr__(self, name: str) -> Any:
        return async_to_sync(getattr(self._client, "aforce_login" if name == "force_login" else name))


def _bearer(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}}


@pytest.mark.parametrize("path", ["/anybody/", "/anybody-async/"])
def test_a_token_says_who_calls(client: Any, path: str) -> None:
    """In sync and async views, under both handlers, ``user`` and ``auth`` are those of the token."""
    user = create_user()
    token = token_for(user)
    answer = client.get(path, **_bearer(token)).json()
    assert answer == {"pk": str(user.pk), "sid": claims_of(token)["sid"], "auth_error": None}


@pytest.mark.parametrize("path", ["/anybody/", "/anybody-async/"])
def test_without_a_token_nobody_is_known(client: Any, path: str) -> None:
    """Whoever sends nothing is anonymous, and nothing was refused."""
    assert client.get(path).json() == {"pk": None, "sid": None, "auth_error": None}


@pytest.mark.parametrize("path", ["/anybody/", "/anybody-async/"])
def test_a_refused_token_leaves_an_anonymous_user(client: Any, path: str) -> None:
    """A public page goes on; the reason stands on the request."""
    answer = client.get(path, **_bearer("no.token.atall"))
    assert answer.json() == {"pk": None, "sid": None, "auth_error": "token_malformed"}


@pytest.mark.parametrize("path", ["/anybody/", "/anybody-async/"])
def test_a_revoked_token_leaves_an_anonymous_user(client: Any, path: str) -> None:
    """Signing out reaches plain views as it reaches the API."""
    pair = token_pair_for(create_user())
    end_session(pair.session_id)
    assert client.get(path, **_bearer(pair.access)).json()["auth_error"] == "token_revoked"


@pytest.mark.parametrize("path", ["/name/", "/name-async/"])
def test_the_user_can_be_read(client: Any, path: str) -> None:
    """Deferred fields are loaded: at the first reading, or by ``auser()``."""
    user = create_user()
    assert client.get(path, **_bearer(token_for(user))).content.decode() == user.get_username()


@pytest.mark.parametrize("path", ["/name/", "/name-async/"])
def test_a_user_who_is_gone_is_401(client: Any, path: str) -> None:
    """The token of somebody whose row has vanished is an answer in the one shape, not a server error."""
    user = create_user()
    token = token_for(user)
    vanish(user)
    answer = client.get(path, **_bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "no_active_account")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_the_user_of_a_django_session_stays(client: Any) -> None:
    """Where no token came, Django's own session says who calls."""
    user = create_user()
    client.force_login(user)
    assert client.get("/anybody/").json() == {"pk": str(user.pk), "sid": None, "auth_error": None}
    assert client.get("/name-async/").content.decode() == user.get_username()


def test_a_token_wins_over_a_django_session(client: Any) -> None:
    """The header is what the caller says now; a bad one never falls back to the session's user."""
    session_user, token_user = create_user("session"), create_user("token")
    client.force_login(session_user)
    assert client.get("/anybody/", **_bearer(token_for(token_user))).json()["pk"] == str(token_user.pk)
    assert client.get("/anybody/", **_bearer("no.token.atall")).json()["pk"] is None


def test_a_bearer_token_needs_no_csrf_token(client: Any) -> None:
    """No other site can make a browser send the header."""
    user = create_user()
    answer = client.post("/anybody/", **_bearer(token_for(user)))
    assert answer.json()["pk"] == str(user.pk)


@pytest.mark.parametrize("header", [None, "Bearer no.token.atall", "Basic dml0b3I6MTIz"])
def test_anything_else_needs_it(client: Any, header: str | None) -> None:
    """Only a token that was accepted takes the place of Django's check."""
    sent = {"headers": {"Authorization": header}} if header else {}
    assert client.post("/anybody/", **sent).status_code == 403


def test_an_old_token_does_not_stand_in_the_way_of_a_refresh(client: Any) -> None:
    """A client that sends its old access token along is still answered."""
    pair = token_pair_for(create_user())
    answer = client.post(
        "/api/token/refresh/",
        {"refresh": pair.refresh},
        content_type="application/json",
        **_bearer("no.token.atall"),
    )
    assert answer.status_code == 200


def test_it_works_without_the_middleware_of_django(client: Any) -> None:
    """A project of tokens alone has neither sessions nor Django's AuthenticationMiddleware."""
    user = create_user()
    with override_settings(MIDDLEWARE=MIDDLEWARE[-1:]):
        assert client.get("/anybody/").json()["pk"] is None
        assert client.get("/name-async/").content == b""
        assert client.get("/anybody/", **_bearer(token_for(user))).json()["pk"] == str(user.pk)


def test_answers_vary_by_the_header(client: Any) -> None:
    """A cache that keeps pages keeps one for each caller."""
    assert "Authorization" in client.get("/anybody/")["Vary"]


def test_a_database_that_is_away_breaks_no_public_page(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell who calls, and the request says so."""

    def away(_: object) -> Any:
        raise OperationalError

    token = token_for(create_user())
    monkeypatch.setattr(feed, "_load", away)
    feed._forget()
    assert client.get("/anybody/", **_bearer(token)).json()["auth_error"] == "feed_stale"
    with override_settings(
        JOTPASS={"REVOCATION": "none", "REQUEST_USER": "load", "USER_QUERYSET": away},
    ):
        answer = client.get("/anybody/", **_bearer(token))
        assert answer.json()["auth_error"] == "service_unavailable"
        assert client.get("/protected/", **_bearer(token)).status_code == 503


def test_no_statement_for_who_calls(django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Knowing who calls takes none; reading the user takes one."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)
    sent = _bearer(token_for(create_user()))
    with fresh_feed():
        with django_assert_num_queries(0):
            Client().get("/anybody/", **sent)
        with django_assert_num_queries(1):
            Client().get("/name/", **sent)


COOKIES = {"TRANSPORTS": ["cookie"]}
"""Tokens come by cookie, too."""


def _with_cookie(client: Any, token: str) -> None:
    cookies = client.cookies if isinstance(client, Client) else client._client.cookies
    cookies[PREFIXED.access] = token


@override_settings(JOTPASS=COOKIES)
@pytest.mark.parametrize("path", ["/anybody/", "/anybody-async/"])
def test_a_token_may_come_by_cookie(client: Any, path: str) -> None:
    """Where the project allows it; the answer then varies by cookies."""
    user = create_user()
    _with_cookie(client, token_for(user))
    answer = client.get(path)
    assert answer.json()["pk"] == str(user.pk)
    assert "Cookie" in answer["Vary"]


@override_settings(JOTPASS=COOKIES)
def test_a_cookie_does_not_take_the_place_of_a_csrf_token(client: Any) -> None:
    """Any site can have a browser send it: Django's check stands."""
    _with_cookie(client, token_for(create_user()))
    assert client.post("/anybody/").status_code == 403
    same = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/anybody/", headers=same).status_code == 403


@override_settings(JOTPASS=COOKIES)
def test_a_cookie_opens_a_protected_view_from_our_own_pages(client: Any) -> None:
    """There the origin of the page counts, and Django's token does not."""
    user = create_user()
    _with_cookie(client, token_for(user))
    same = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/protected/", headers=same).json()["pk"] == str(user.pk)
    refused = client.post("/protected/", headers={"Sec-Fetch-Site": "cross-site"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")


@override_settings(JOTPASS=COOKIES)
@pytest.mark.parametrize("token", ["good", "bad"])
def test_who_signed_in_to_a_django_session_stays_there(client: Any, token: str) -> None:
    """Two cookies came, and neither is more explicit: the admin must not become somebody else's."""
    admin, other = create_user("admin"), create_user("other")
    client.force_login(admin)
    _with_cookie(client, token_for(other) if token == "good" else "no.token.atall")
    answer = client.get("/anybody/").json()
    assert answer == {"pk": str(admin.pk), "sid": None, "auth_error": None}
