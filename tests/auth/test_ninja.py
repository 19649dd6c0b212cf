"""Django Ninja: its operations, sync and async, under both handlers, with the real package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.test import AsyncClient, Client, override_settings

from jotpass.auth import end_session
from jotpass.auth.revocation import feed
from jotpass.testing import fresh_feed, token_for, token_pair_for
from tests.auth.people import claims_of, create_user, vanish

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("transactional_db")

KINDS = ["sync", "async"]


@pytest.fixture(autouse=True)
def _site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Django serves async views outside of ATOMIC_REQUESTS only, and Ninja's cannot be taken out of it.
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)
    with override_settings(ROOT_URLCONF="tests.auth.ninja_site"):
        yield


@pytest.fixture(params=["wsgi", "asgi"])
def handler(request: pytest.FixtureRequest) -> str:
    """Which of Django's handlers answers."""
    kind: str = request.param
    return kind


def _get(handler: str, path: str, token: str | None = None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if handler == "wsgi":
        return Client().get(path, headers=headers)
    return async_to_sync(AsyncClient().get)(path, headers=headers)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_says_who_calls(handler: str, kind: str) -> None:
    """``user`` and ``auth`` are those of the token; the user can be read."""
    user = create_user()
    token = token_for(user)
    assert _get(handler, f"/ninja/{kind}", token).json() == {
        "pk": str(user.pk),
        "name": user.get_username(),
        "sid": claims_of(token)["sid"],
    }


@pytest.mark.parametrize("kind", KINDS)
def test_without_one_the_answer_is_401(handler: str, kind: str) -> None:
    """In the one shape, with a challenge that names no error."""
    answer = _get(handler, f"/ninja/{kind}")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", code="token_missing"'


@pytest.mark.parametrize("kind", KINDS)
def test_a_revoked_one_is_401(handler: str, kind: str) -> None:
    """The code says why."""
    pair = token_pair_for(create_user())
    end_session(pair.session_id)
    answer = _get(handler, f"/ninja/{kind}", pair.access)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_user_who_is_gone_is_401(handler: str, kind: str) -> None:
    """Found out inside the operation, and answered all the same."""
    user = create_user()
    token = token_for(user)
    vanish(user)
    answer = _get(handler, f"/ninja/{kind}", token)
    assert (answer.status_code, answer.json()["code"]) == (401, "no_active_account")


@pytest.mark.parametrize("kind", KINDS)
def test_revocations_that_cannot_be_read_are_503(
    handler: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can tell whether the token is good; try again."""

    def away(_: object) -> Any:
        raise OperationalError

    token = token_for(create_user())
    monkeypatch.setattr(feed, "_load", away)
    feed._forget()
    answer = _get(handler, f"/ninja/{kind}", token)
    assert (answer.status_code, answer.json()["code"]) == (503, "feed_stale")
    assert answer["Retry-After"] == "1"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("token", ["no.token.atall", "", "a b", "\x00"])
def test_an_api_that_registers_no_handler_answers_401_too(handler: str, kind: str, token: str) -> None:
    """In Ninja's own shape, and never with a server error."""
    answer = _get(handler, f"/plain/{kind}", token)
    assert answer.status_code == 401
    assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize("kind", KINDS)
def test_another_authenticator_may_follow(handler: str, kind: str) -> None:
    """Without a token the next is asked; with a bad one nobody is."""
    assert _get(handler, f"/ninja/either-{kind}").json() == "somebody else"
    assert _get(handler, f"/ninja/either-{kind}", "no.token.atall").status_code == 401


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_ours_in_an_operation_is_an_answer(handler: str, kind: str) -> None:
    """An operation may call the Python API and let its errors go by."""
    answer = _get(handler, f"/ninja/fails-{kind}", token_for(create_user()))
    assert (answer.status_code, answer.json()["code"]) == (404, "session_unknown")


def test_the_schema_names_the_scheme() -> None:
    """Bearer tokens, in the words of OpenAPI, on each operation that takes one."""
    schema = Client().get("/ninja/openapi.json").json()
    assert schema["components"]["securitySchemes"]["JWTAuth"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }
    assert schema["paths"]["/ninja/sync"]["get"]["security"] == [{"JWTAuth": []}]


def test_no_statement_for_who_calls(django_assert_num_queries: Any) -> None:
    """Knowing who calls takes none."""
    token = token_for(create_user())
    with fresh_feed(), django_assert_num_queries(0):
        assert _get("wsgi", "/ninja/key", token).status_code == 200
