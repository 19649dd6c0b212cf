"""The Python API for async code: the same calls, and no thread where nothing is read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.core.exceptions import SynchronousOnlyOperation
from django.test import RequestFactory, override_settings

from jotpass import auth
from jotpass.auth import access_tokens, asynchronous, authentication, errors, policy
from jotpass.auth.live_key_ring import hurry_all
from jotpass.auth.models import Session
from jotpass.auth.revocation import feed
from jotpass.testing import fresh_feed, token_for
from tests.auth.people import create_user, vanish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest

pytestmark = pytest.mark.usefixtures("transactional_db")


def _request(token: str) -> HttpRequest:
    return RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})


def _run(main: Callable[[], Awaitable[Any]]) -> Any:
    """Run async code as a server does: what is sync goes to this thread."""

    async def running() -> Any:
        return await main()

    return async_to_sync(running)()


async def _user(request: HttpRequest) -> Any:
    found = await auth.aauthenticate_request(request)
    assert found is not None
    return found.user


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where tokens were judged: ``loop`` or ``thread``."""
    seen: list[str] = []
    judge = authentication._authenticate

    def watched(*arguments: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            seen.append("thread")
        else:
            seen.append("loop")
        return judge(*arguments)

    monkeypatch.setattr(authentication, "_authenticate", watched)
    return seen


def test_a_token_is_judged_where_it_is(threads: list[str]) -> None:
    """A fresh feed and a deferred user need no database, and so no thread."""
    user = create_user()
    request = _request(token_for(user))
    with fresh_feed():
        found = _run(lambda: auth.aauthenticate_request(request))
    assert found.user.pk == user.pk
    assert threads == ["loop"]


def test_a_feed_that_must_be_read_is_read_in_a_thread(threads: list[str]) -> None:
    """The loop goes on meanwhile."""
    request = _request(token_for(create_user()))
    assert not feed.is_fresh
    assert _run(lambda: auth.aauthenticate_request(request))
    assert threads == ["thread"]


@pytest.mark.parametrize("settings", [{"REVOCATION": "strict"}, {"REQUEST_USER": "load"}])
def test_what_asks_the_database_goes_to_a_thread(threads: list[str], settings: dict[str, str]) -> None:
    """A user that is loaded, or a token that is looked up, is no matter for the loop."""
    request = _request(token_for(create_user()))
    with override_settings(JOTPASS=settings), fresh_feed():
        assert _run(lambda: auth.aauthenticate_request(request))
    assert threads == ["thread"]


def test_whatever_turns_out_to_need_the_database_goes_to_a_thread(
    threads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that must be read anew, a project's own function: Django's guard says so, and nobody fails."""
    request = _request(token_for(create_user()))
    verify = access_tokens.verify_access_token

    def reading(*arguments: Any, **options: Any) -> Any:
        Session.objects.exists()
        return verify(*arguments, **options)

    monkeypatch.setattr(authentication, "verify_access_token", reading)
    with fresh_feed():
        assert _run(lambda: auth.aauthenticate_request(request))
    assert threads == ["loop", "thread"]


def test_keys_that_must_be_read_are_read_in_a_thread(
    threads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy is built of keys, and those may be in the database."""
    request = _request(token_for(create_user()))

    def reading(site: Any) -> Any:
        Session.objects.exists()
        return policy.request_policy(site)

    monkeypatch.setattr(asynchronous, "request_policy", reading)
    with fresh_feed():
        assert _run(lambda: auth.aauthenticate_request(request))
    assert threads == ["thread"]


def test_a_ring_that_must_be_read_is_read_in_a_thread(threads: list[str], settings: Any) -> None:
    """Another request may hold it meanwhile, and the loop must not wait for that."""
    settings.JOTPASS = {"ISSUER": "urn:a", "AUDIENCE": "urn:a", "SIGNING_ALGORITHM": "ES256"}
    request = _request(token_for(create_user()))
    with fresh_feed():
        assert _run(lambda: auth.aauthenticate_request(request))
        hurry_all()
        assert _run(lambda: auth.aauthenticate_request(request))
    assert threads == ["loop", "thread"]


def test_a_refusal_is_raised_as_it_is_in_sync_code() -> None:
    """The same errors, and None for a request without a token."""
    with pytest.raises(errors.TokenMalformed):
        _run(lambda: auth.aauthenticate_request(_request("no.token.atall")))
    assert _run(lambda: auth.aauthenticate_request(RequestFactory().get("/"))) is None


def test_a_deferred_user_is_loaded_in_one_statement(django_assert_num_queries: Any) -> None:
    """Async code cannot read deferred fields; `aload_user` makes an instance that can be read."""
    user = create_user()
    request = _request(token_for(user))

    async def main() -> tuple[str, str]:
        found = await _user(request)
        with pytest.raises(SynchronousOnlyOperation):
            found.get_username()
        loaded = await auth.aload_user(found)
        again = await auth.aload_user(loaded)
        return loaded.get_username(), again.get_username()

    assert _run(main) == (user.get_username(), user.get_username())


def test_a_user_who_is_gone_is_an_error_of_ours() -> None:
    """Loading somebody whose row has vanished raises what the authentication was told to."""
    user = create_user()
    request = _request(token_for(user))

    async def main() -> None:
        await auth.aload_user(await _user(request))

    vanish(user)
    with pytest.raises(errors.NoActiveAccount):
        _run(main)


def test_a_session_lives_its_life_in_async_code() -> None:
    """Start, refresh, end: each call returns what its sync counterpart does."""
    user = create_user()

    async def main() -> None:
        pair = await auth.astart_session(user, client_id="first-party")
        rotation = await auth.arotate_refresh_token(pair.refresh)
        assert rotation.pair is not None
        assert await auth.aend_session(pair.session_id) is True
        assert (await auth.arotate_refresh_token(rotation.pair.refresh)).pair is None
        await auth.astart_session(user)
        assert await auth.arevoke_user(user, reason="test") == 1

    _run(main)


@pytest.mark.parametrize("name", [name for name in auth.__all__ if f"a{name}" in auth.__all__])
def test_every_async_call_is_named_after_a_sync_one(name: str) -> None:
    """An ``a`` in front, and it can be awaited."""
    assert iscoroutinefunction(getattr(auth, f"a{name}"))


def test_every_call_has_an_async_one() -> None:
    """No name of the sync API that may ask the database is without its counterpart."""
    sync = {name for name in auth.__all__ if not (name.startswith("a") and name[1:] in auth.__all__)}
    assert {f"a{name}" for name in sync - {"aload_user", "set_token_cookies", "clear_token_cookies"}} <= set(
        auth.__all__
    )
