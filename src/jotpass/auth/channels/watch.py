"""The watch over open WebSockets: each ends when its access token expires or is revoked, idle or not.

One task for each event loop looks at all its sockets, by what the feed has in memory. A thread of its own
keeps the feed fresh: no consumer can hold it up.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from jotpass.auth import errors
from jotpass.auth.policy import request_policy
from jotpass.auth.revocation import feed

if TYPE_CHECKING:
    from jotpass.auth.access_tokens import AccessToken
    from jotpass.auth.policy import RequestPolicy

LOOK_INTERVAL: Final = 0.25
"""Seconds between two looks at the open sockets."""


class Watched:
    """What is watched of a socket.

    Attributes:
        access_token: The token that it is open by.
        ended: Becomes the reason why the socket must close.
    """

    def __init__(self, access_token: AccessToken) -> None:
        """Begin with a token that is good."""
        self.access_token = access_token
        self.ended: asyncio.Future[errors.AuthError] = asyncio.get_running_loop().create_future()

    def end(self, reason: errors.AuthError) -> None:
        """Say that the socket must close."""
        if not self.ended.done():
            self.ended.set_result(reason)


class Watch:
    """The watch of one event loop; it runs while there is anything to watch."""

    def __init__(self) -> None:
        """Begin with nothing to watch."""
        self._watched: set[Watched] = set()
        self._looking: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None

    def add(self, watched: Watched) -> None:
        """Watch a socket from now on."""
        self._watched.add(watched)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def discard(self, watched: Watched) -> None:
        """Forget a socket; with the last one, the task ends."""
        self._watched.discard(watched)
        if not self._watched and self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while True:
            policy = request_policy()
            if policy.revocation != "none" and not feed.is_fresh and self._is_idle():
                self._reading = asyncio.create_task(_read_feed())
            for watched in list(self._watched):
                if reason := reason_to_end(watched.access_token, policy, now=time.time()):
                    watched.end(reason)
            await asyncio.sleep(LOOK_INTERVAL)

    def _is_idle(self) -> bool:
        return self._reading is None or self._reading.done()


def reason_to_end(access_token: AccessToken, policy: RequestPolicy, *, now: float) -> errors.AuthError | None:
    """Judge an open socket by what this process holds in memory; None while it may stay open.

    Args:
        access_token: The token that it is open by.
        policy: What decides about requests.
        now: Seconds since the epoch.
    """
    if now >= access_token.expires_at + policy.tokens.leeway.total_seconds():
        return errors.TokenExpired()
    if policy.revocation == "none":
        return None
    if feed.knows_revoked(access_token.session_id, access_token.family_id, access_token.token_id):
        return errors.TokenRevoked()
    age = feed.age
    if not policy.fail_open and (age is None or age > policy.max_staleness):
        return errors.FeedStale()
    return None


def watch_of_loop() -> Watch:
    """Return the watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()
_reader: Final = ThreadPoolExecutor(1, "jotpass-feed")


async def _read_feed() -> None:
    await database_sync_to_async(feed.refresh, thread_sensitive=False, executor=_reader)()
