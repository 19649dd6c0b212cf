"""Many honest clients at once: some refresh all the time, some leave; all try the tokens of who has left."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.faults.honest_client import HonestClient
from tests.faults.ledger import Ledger
from tests.server.program import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

CLIENTS = 8
LEAVERS = 24
REFRESHES = int(os.environ.get("JOTPASS_FAULT_REFRESHES", "200"))
"""How many refreshes a fault happens in the middle of; `make faults` says 10,000."""

BREATH = 0.01
"""Seconds between two rounds of a client: the machine has other things to do, such as starting a server."""

_EVERY = 5
"""A client that has refreshed so often sees somebody off."""


class Crowd:
    """CLIENTS clients at work, each in a thread.

    Args:
        port: The server.
        pairs: A pair for each client and each leaver.
    """

    def __init__(self, port: int, pairs: Sequence[dict[str, Any]]) -> None:
        self.ledger = Ledger()
        self._port = port
        self._anybody = pairs[0]
        self.clients = [HonestClient(port, pair, self.ledger) for pair in pairs[:CLIENTS]]
        self._leavers = [HonestClient(port, pair, self.ledger) for pair in pairs[CLIENTS:]]
        self._over = threading.Event()
        self._working: list[Future[None]] = []

    def reaches(self, refreshes: int) -> None:
        """Wait until so many refreshes more are done, for as long as there is any progress."""
        done = self.ledger.refreshes
        goal = done + refreshes
        while done < goal:
            before = done
            until(lambda before=before: self.ledger.refreshes > before or self._has_stopped())
            assert not self._has_stopped(), self.ledger
            done = self.ledger.refreshes

    def _has_stopped(self) -> bool:
        return any(future.done() for future in self._working)

    def _work(self, client: HonestClient) -> None:
        try:
            for number in range(10**9):
                if self._over.is_set() or not client.refresh():
                    return
                client.is_taken(client.access)
                if number % _EVERY == 0:
                    self._see_off()
                if ended := self.ledger.ended:
                    client.is_taken(ended[number % len(ended)])
                self._over.wait(BREATH)
        finally:
            client.hang_up()

    def _see_off(self) -> None:
        """One more client signs out, having used its tokens."""
        with contextlib.suppress(IndexError):
            leaver = self._leavers.pop()
            if leaver.refresh():
                leaver.is_taken(leaver.access)
                leaver.sign_out()
            leaver.hang_up()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Let all of them work until the context ends; what failed in a thread is raised."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            self._working = [pool.submit(self._work, client) for client in self.clients]
            try:
                yield
            finally:
                self._over.set()
            for future in self._working:
                future.result()

    @contextlib.contextmanager
    def hung_up(self) -> Iterator[None]:
        """Close every connection at the end of the context."""
        try:
            yield
        finally:
            for client in self.clients:
                client.hang_up()

    def try_all_that_ended(self) -> None:
        """Present every revoked token."""
        client = HonestClient(self._port, self._anybody, self.ledger)
        for access in self.ledger.ended:
            client.is_taken(access)
        client.hang_up()
