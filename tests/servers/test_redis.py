"""The Redis or Valkey that the tests bring along is a real one, and every test finds it empty."""

from __future__ import annotations

import pytest
from redis import Redis


@pytest.mark.parametrize("run", ["first", "second"])
def test_every_test_finds_it_empty(redis_url: str, run: str) -> None:
    """A key that one test leaves behind is gone in the next."""
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("run", run)
        assert client.get("run") == run.encode()


def test_it_publishes(redis_url: str) -> None:
    """A subscriber hears what another connection publishes."""
    with Redis.from_url(redis_url) as client, client.pubsub() as subscriber:
        subscriber.subscribe("channel")
        assert client.publish("channel", "word") == 1
        heard = [subscriber.get_message(timeout=5) for _ in range(2)]
    assert [message and message["type"] for message in heard] == ["subscribe", "message"]
