"""When an open socket must end, judged by what a process holds in memory, and how an application is ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError
from django.test import override_settings

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken
from jotpass.auth.channels import socket as socket_room
from jotpass.auth.channels import watch as watch_room
from jotpass.auth.channels.socket import Socket
from jotpass.auth.channels.watch import (
    LOOK_INTERVAL,
    Watch,
    Watched,
    feed_is_stale,
    reason_to_end,
    refused_by_key,
    watch_policy,
)
from jotpass.auth.live_key_ring import LiveKeyRing, StoredKeys
from jotpass.auth.policy import token_policy
from jotpass.auth.revocation import feed

if TYPE_CHECKING:
    from collections.abc import Callable


def token_until(exp: float, key: jose.Key | None = None) -> AccessToken:
    """A verified token; its key is the one that signs at the moment."""
    ours = token_policy()
    key = key or ours.keys.signing
    claims = {"iss": ours.issuer, "sid": "s", "fid": "f", "jti": "j", "exp": exp}
    return AccessToken(jose.Verifier(key, issuer=ours.issuer).verify(jose.sign_jwt(claims, key), now=0))


TOKEN = token_until(1000)
ENDLESS = token_until(10**11)


def _reason(now: float = 999, **settings: Any) -> type[errors.AuthError] | None:
    async def judge() -> errors.AuthError | None:
        policy = watch_policy()
        return reason_to_end(Watched(TOKEN), policy, now=now, stale=feed_is_stale(policy))

    with override_settings(JOTPASS=settings):
        reason = asyncio.run(judge())
    return type(reason) if reason else None


@pytest.fixture
def read_feed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A feed that was read a moment ago, by a clock that can be set; nothing is revoked."""
    clock = [0.0]
    feed._forget()
    monkeypatch.setattr(feed, "_clock", lambda: clock[0])
    monkeypatch.setattr(feed, "_load", lambda _: [])
    feed.refresh()
    return clock


@pytest.mark.usefixtures("read_feed")
def test_a_good_token_keeps_the_socket_open() -> None:
    """Up to ``exp``, and LEEWAY beyond, as it is with requests."""
    assert _reason() is None
    assert _reason(now=1000) is errors.TokenExpired
    assert _reason(now=1004, LEEWAY=5) is None
    assert _reason(now=1005, LEEWAY=5) is errors.TokenExpired


@pytest.mark.usefixtures("read_feed")
@pytest.mark.parametrize("key", ["s", "f", "j"])
def test_a_revoked_one_does_not(key: str) -> None:
    """Its session, its family, or itself."""
    feed.add([key])
    assert _reason() is errors.TokenRevoked
    assert _reason(REVOCATION="none") is None


def test_a_stale_feed_closes_all(read_feed: list[float]) -> None:
    """When nobody can tell any more who was revoked, nothing stays open, unless the project says so."""
    read_feed[0] = 30
    assert _reason() is None
    read_feed[0] = 31
    assert _reason() is errors.FeedStale
    assert _reason(REVOCATION_FAIL_OPEN=True) is None


@pytest.mark.usefixtures("read_feed")
def test_the_watch_ends_with_its_last_socket() -> None:
    """No task is left behind in a loop where nothing is open."""

    async def main() -> bool:
        watch = Watch()
        watched = [Watched(TOKEN), Watched(TOKEN)]
        for each in watched:
            watch.add(each)
        await asyncio.gather(*(each.ended for each in watched))
        for each in watched:
            watch.discard(each)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        _, pending = await asyncio.wait(left, timeout=30)
        return not pending

    assert asyncio.run(main())


@pytest.mark.usefixtures("read_feed")
def test_a_socket_that_comes_as_the_last_one_goes_is_watched() -> None:
    """In the same turn of the loop, before the task of the last one has heard that it is over."""

    async def main() -> errors.AuthError:
        watch, going, coming = Watch(), Watched(ENDLESS), Watched(TOKEN)
        watch.add(going)
        await asyncio.sleep(0)

        async def call(step: Callable[[Watched], None], watched: Watched) -> None:
            step(watched)

        await asyncio.gather(call(watch.discard, going), call(watch.add, coming))
        return await asyncio.wait_for(coming.ended, 10 * LOOK_INTERVAL)

    assert isinstance(asyncio.run(main()), errors.TokenExpired)


class Ring:
    """A key ring whose stored keys a test sets, by a clock that it sets, too."""

    def __init__(self, *keys: jose.Key) -> None:
        """Begin with these."""
        self.keys, self.now, self.lasting, self.is_away = keys, 0.0, True, False
        self.live = LiveKeyRing(self._read, lambda: None, lambda: 30.0, clock=lambda: self.now)

    def _read(self, _: StoredKeys | None) -> StoredKeys:
        if self.is_away:
            raise DatabaseError
        return StoredKeys(None, jose.KeySet(self.keys), begun=True, lasting=self.lasting)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    """The ring of every issuer, with two keys."""
    ring = Ring(*(jose.Key.generate("ES256").replace(kid=kid) for kid in "ab"))
    monkeypatch.setattr(watch_room, "access_key_ring", lambda _: ring.live)
    return ring


def _refused(*tokens: AccessToken) -> list[tuple[AccessToken, type[errors.AuthError]]]:
    async def judge() -> Any:
        return refused_by_key([Watched(token) for token in tokens])

    return [(token, type(reason)) for _, token, reason in asyncio.run(judge())]


def test_a_revoked_key_ends_what_it_signed(ring: Ring) -> None:
    """However long its tokens would live; those of the other keys stay, whatever comes or goes."""
    of_a, of_b = (token_until(10**11, key) for key in ring.keys)
    assert not _refused(of_a, of_b)
    ring.now, ring.keys = 2.0, (ring.keys[1], jose.Key.generate("ES256").replace(kid="c"))
    assert _refused(of_a, of_b) == [(of_a, errors.TokenInvalid)]


def test_keys_that_nobody_can_read_end_all(ring: Ring) -> None:
    """As requests are refused then: not before REVOCATION_MAX_STALENESS."""
    token = token_until(10**11, ring.keys[0])
    assert not _refused(token)
    ring.now, ring.is_away = 29.0, True
    assert not _refused(token)
    ring.now = 31.0
    assert _refused(token) == [(token, errors.ServiceUnavailable)]


def test_what_a_transaction_may_yet_undo_ends_nothing(ring: Ring) -> None:
    """The watch reads over a connection of its own, where the keys of such a transaction cannot be seen."""
    token = token_until(10**11, ring.keys[0])
    ring.keys, ring.lasting = (), False
    assert not _refused(token)


@pytest.mark.usefixtures("read_feed")
@pytest.mark.parametrize("revocation", ["feed", "none"])
def test_the_watch_asks_for_the_keys(ring: Ring, revocation: str) -> None:
    """Again and again, whoever else is asked; a socket that went on with a token of a good key stays."""

    async def main() -> tuple[bool, errors.AuthError]:
        watch = Watch()
        kept, renewed = (Watched(token_until(10**11, ring.keys[0])) for _ in "12")
        for watched in (kept, renewed):
            watch.add(watched)
        await asyncio.sleep(2 * LOOK_INTERVAL)
        assert not kept.ended.done()
        renewed.renew(token_until(10**11, ring.keys[1]))
        ring.now, ring.keys = 2.0, ring.keys[1:]
        reason = await asyncio.wait_for(kept.ended, 30)
        return renewed.ended.done(), reason

    with override_settings(JOTPASS={"REVOCATION": revocation}):
        renewed_ended, reason = asyncio.run(main())
    assert isinstance(reason, errors.TokenInvalid)
    assert not renewed_ended


@pytest.mark.usefixtures("read_feed")
def test_keys_that_cannot_be_asked_for_close_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake where the keys are read is one of the watch: nothing stays open."""

    async def main() -> errors.AuthError:
        watch, watched = Watch(), Watched(ENDLESS)
        watch.add(watched)
        return await asyncio.wait_for(watched.ended, 30)

    monkeypatch.setattr(watch_room, "access_key_ring", lambda _: 1 // 0)
    assert isinstance(asyncio.run(main()), errors.ServiceUnavailable)
    assert "cannot be watched" in caplog.text


def test_what_cannot_be_watched_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the settings, say: nothing stays open that nobody looks after."""

    async def main() -> errors.AuthError:
        watch, watched = Watch(), Watched(TOKEN)
        watch.add(watched)
        return await asyncio.wait_for(watched.ended, 30)

    with override_settings(JOTPASS={"REVOCATION": "unheard of"}):
        assert isinstance(asyncio.run(main()), errors.ServiceUnavailable)
    assert "cannot be watched" in caplog.text


def test_an_application_that_does_not_listen_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket is closed at once, and nothing more is sent; who never looks is stopped after a while."""
    monkeypatch.setattr(socket_room, "TIDY_UP", 0.01)
    sent: list[str] = []

    async def deaf(_: Any, __: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        while True:
            await asyncio.sleep(0.001)
            await send({"type": "websocket.send", "text": "still here"})

    async def main() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message["type"])

        ended = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.01, ended.set_result, errors.TokenExpired())
        await asyncio.wait_for(Socket(receive, send, []).serve(deaf, {}, ended), 30)

    asyncio.run(main())
    assert sent[0] == "websocket.accept"
    assert sent[-1] == "websocket.close"
    assert sent.count("websocket.close") == 1


@pytest.mark.parametrize("is_open", [True, False])
def test_a_client_that_reads_nothing_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, is_open: bool) -> None:
    """A server may wait with the close until the client reads: after a while that is given up."""
    monkeypatch.setattr(socket_room, "TIDY_UP", 0.01)

    async def main() -> list[str]:
        asked: list[str] = []

        async def send(message: dict[str, Any]) -> None:
            asked.append(message["type"])
            if message["type"] == "websocket.close":
                await asyncio.Event().wait()

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def application(_: Any, receive: Any, __: Any) -> None:
            while (await receive())["type"] != "websocket.disconnect":
                pass

        socket = Socket(receive, send, [])
        ended = asyncio.get_running_loop().create_future()
        ended.set_result(errors.TokenExpired())
        serving = socket.serve(application, {}, ended) if is_open else socket.refuse(errors.TokenExpired())
        await asyncio.wait_for(serving, 30)
        return asked

    assert asyncio.run(main())[-1] == "websocket.close"


def test_an_error_of_the_application_is_not_swallowed() -> None:
    """The server logs it, as without the middleware."""

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        async def unused(*_: Any) -> dict[str, Any]:
            return {}

        await Socket(unused, unused, []).serve(broken, {}, None)  # type: ignore[arg-type]

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())
