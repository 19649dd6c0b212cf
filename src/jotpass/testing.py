"""For the tests of a project that uses Jotpass: sign somebody in without a password, and count statements."""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from jotpass.auth import start_session
from jotpass.auth.feed import POLL_INTERVAL
from jotpass.auth.live_key_ring import LiveKeyRing, held_still
from jotpass.auth.policy import token_policy
from jotpass.auth.revocation import feed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jotpass.auth.token_pair import TokenPair

_TICK: Final = 1e-6
"""Seconds that pass between two looks at the clock inside `fresh_feed`: order, and hardly any time."""


def token_pair_for(user: Any) -> TokenPair:
    """Start a session for a saved, active user and return both tokens."""
    return start_session(user)


def token_for(user: Any) -> str:
    """Start a session for a saved, active user and return the access token.

    Send it as ``Authorization: Bearer <token>``; with DRF's test client,
    ``client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(user)}")``.
    """
    return token_pair_for(user).access


@contextmanager
def fresh_feed() -> Iterator[None]:
    """Read the revocations once, here; inside, no request reads them again because a second has passed.

    Without it, a test that counts statements finds one more whenever a request happens to be the first of its
    second. What the test itself revokes is still noticed, by one reading at the next request.

    Raises:
        FeedStale: The revocations cannot be read.
    """
    clock = count(time.monotonic(), _TICK).__next__
    with mock.patch.object(feed, "_clock", clock), held_still():
        keys = token_policy().keys
        if isinstance(keys, LiveKeyRing):
            keys.settle()
        feed.hurry()
        # Asking about nothing reads all the same.
        feed.is_revoked(max_staleness=POLL_INTERVAL)
        yield
