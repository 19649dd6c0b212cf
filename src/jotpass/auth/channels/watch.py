"""The watch over open WebSockets: each ends when its access token expires or is revoked, idle or not.

One task for each event loop looks at all its sockets, by what the feed has in memory. A thread of its own
keeps the feed fresh, and asks for every socket whether the key that signed its token still counts: no
consumer can hold it up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from jotpass.auth import errors
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import access_key_ring
from jotpass.auth.live_key_ring import LiveKeyRing
from jotpass.auth.remembered import remembered
from jotpass.auth.revocation import feed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jotpass.auth.access_tokens import AccessToken
    from jotpass.jose import KeySet

    Refused = tuple["Watched", AccessToken, errors.AuthError]

logger = logging.getLogger("jotpass.channels")

LOOK_INTERVAL: Final = 0.25
"""Seconds between two looks at the open sockets."""


class Watched:
    """What is watched of a socket.

    Attributes:
        access_token: The token that it is open by.
        expires_at: When that ends, seconds since the epoch.
        keys: By what that may be revoked.
        ended: Becomes the reason why the socket must close.
    """

    __slots__ = ("access_token", "ended", "expires_at", "keys")

    def __init__(self, access_token: AccessToken) -> None:
        """Begin with a token that is good."""
        self.ended: asyncio.Future[errors.AuthError] = asyncio.get_running_loop().create_future()
        self.renew(access_token)

    def renew(self, access_token: AccessToken) -> None:
        """Go on with another token that is good."""
        self.access_token = access_token
        self.expires_at = access_token.expires_at
        self.keys = (access_token.session_id, access_token.family_id, access_token.token_id)

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
            # Until it has heard that, it is not done: who comes in between needs a task of its own.
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        try:
            while True:
                self._judge(watch_policy())
                await asyncio.sleep(LOOK_INTERVAL)
        except Exception:
            # What nobody watches must not stay open.
            logger.exception("open sockets cannot be watched any more, and are closed")
            for watched in self._watched:
                watched.end(errors.ServiceUnavailable())

    def _judge(self, policy: WatchPolicy) -> None:
        if self._reading is None or self._reading.done():
            if self._reading is not None:
                # What went wrong there goes wrong here.
                self._reading.result()
            self._reading = asyncio.create_task(self._read(policy))
        now, stale = time.time(), feed_is_stale(policy)
        for watched in self._watched:
            if reason := reason_to_end(watched, policy, now=now, stale=stale):
                watched.end(reason)

    async def _read(self, policy: WatchPolicy) -> None:
        read = database_sync_to_async(_read, thread_sensitive=False, executor=_reader)
        for watched, token, reason in await read(policy, list(self._watched)):
            # It may have been renewed meanwhile.
            if watched.access_token is token:
                watched.end(reason)


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """What decides about an open socket; no keys, unlike a request's policy: those may have to be read.

    Attributes:
        leeway: Seconds after ``exp``.
        revocation: Who is asked whether a token was revoked: ``none``, or the feed.
        max_staleness: Seconds that the feed may be old.
        fail_open: Judge by an older feed too.
    """

    leeway: float
    revocation: str
    max_staleness: float
    fail_open: bool


@remembered
def watch_policy() -> WatchPolicy:
    """Return what decides about open sockets, by the settings of this moment."""
    return WatchPolicy(
        leeway=jotpass_settings.LEEWAY.total_seconds(),
        revocation=jotpass_settings.REVOCATION,
        max_staleness=jotpass_settings.REVOCATION_MAX_STALENESS.total_seconds(),
        fail_open=jotpass_settings.REVOCATION_FAIL_OPEN,
    )


def reason_to_end(
    watched: Watched, policy: WatchPolicy, *, now: float, stale: bool
) -> errors.AuthError | None:
    """Judge an open socket by what this process holds in memory; None while it may stay open.

    Args:
        watched: The socket.
        policy: What decides.
        now: Seconds since the epoch.
        stale: Whether nobody can tell any more what is revoked.
    """
    if now >= watched.expires_at + policy.leeway:
        return errors.TokenExpired()
    if policy.revocation == "none":
        return None
    if feed.knows_revoked(*watched.keys):
        return errors.TokenRevoked()
    return errors.FeedStale() if stale else None


def feed_is_stale(policy: WatchPolicy) -> bool:
    """Whether nobody can tell any more what is revoked, and the project does not go by what it knew."""
    age = feed.age
    return not policy.fail_open and (age is None or age > policy.max_staleness)


def watch_of_loop() -> Watch:
    """Return the watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()
_reader: Final = ThreadPoolExecutor(1, "jotpass-feed")


def _read(policy: WatchPolicy, sockets: Iterable[Watched]) -> list[Refused]:
    if policy.revocation != "none":
        feed.refresh()
    return refused_by_key(sockets)


def refused_by_key(sockets: Iterable[Watched]) -> list[Refused]:
    """Find the sockets whose tokens' signatures do not count any more, because the key was revoked.

    Args:
        sockets: Those that are open.

    Returns:
        Of each that must close: the socket, the token that was judged, and why.
    """
    refused: list[Refused] = []
    rings: dict[str, KeySet | errors.AuthError | None] = {}
    for watched in sockets:
        token = watched.access_token
        if token.issuer not in rings:
            rings[token.issuer] = _keys_of(token.issuer)
        keys = rings[token.issuer]
        if isinstance(keys, errors.AuthError):
            refused.append((watched, token, keys))
        elif keys is not None and token.key not in keys:
            refused.append((watched, token, errors.TokenInvalid()))
    return refused


def _keys_of(issuer: str) -> KeySet | errors.AuthError | None:
    """Return what verifies, why nobody can tell, or None: ask again."""
    ring = access_key_ring(issuer)
    try:
        keys = ring.verification
    except errors.ServiceUnavailable as error:
        return error
    # Neither what was known before, nor what a transaction elsewhere may yet undo: it cannot be seen here.
    return None if isinstance(ring, LiveKeyRing) and not ring.is_fresh else keys
