"""A client that behaves: it keeps its newest pair, and asks again with it until somebody answers."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any

from jotpass import jose

if TYPE_CHECKING:
    from tests.faults.ledger import Ledger

GIVES_UP_AFTER = 60.0
PAUSE = 0.05
SILENCE = 15.0
"""Seconds after which a request counts as lost."""


class HonestClient:
    """One client with a session of its own.

    Args:
        port: The server.
        pair: The token pair of its sign-in.
        ledger: Where it writes down what happens.
    """

    def __init__(self, port: int, pair: dict[str, Any], ledger: Ledger) -> None:
        self._port = port
        self._wire: http.client.HTTPConnection | None = None
        self._ledger = ledger
        self.access: str = pair["access"]
        self.held: str = pair["refresh"]

    @property
    def family(self) -> str:
        """The family of its tokens."""
        family: str = jose.peek_unverified(self.held).claims["fid"]
        return family

    @property
    def generation(self) -> int:
        """The generation of the refresh token it holds."""
        generation: int = jose.peek_unverified(self.held).claims["gen"]
        return generation

    def refresh(self) -> bool:
        """Exchange the refresh token, with as many tries as it takes; False when it was refused."""
        status, body = self._ask("/api/token/refresh/", {"refresh": self.held})
        if status != 200:
            self._ledger.note_lock_out(f"generation {self.generation} of {self.family}: {status} {body}")
            return False
        before = self.generation
        self.access, self.held = body["access"], body["refresh"]
        assert self.generation > before, "a client that behaves was handed an older token"
        self._ledger.note_refresh(self.held)
        return True

    def is_taken(self, access: str) -> bool:
        """Present an access token; whether it was accepted."""
        asked_at = time.monotonic()
        status, _ = self._ask("/api/token/verify/", {"token": access})
        if status == 200:
            self._ledger.note_taken(access, asked_at)
        return status == 200

    def sign_out(self) -> None:
        """End the session, and know that it has ended."""
        status, _ = self._ask("/api/logout/", {"refresh": self.held})
        assert status == 204
        self._ledger.note_end(self.access, time.monotonic())

    def _ask(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Ask until there is an answer that is no outage."""
        gives_up_at = time.monotonic() + GIVES_UP_AFTER
        while time.monotonic() < gives_up_at:
            try:
                status, text, retry_after = self._send(path, json.dumps(body))
            except (OSError, http.client.HTTPException):
                self._ledger.note_lost()
                self.hang_up()
            else:
                answer = _read(text)
                if status < 500:
                    return status, answer
                self._ledger.note_outage(status, str(answer.get("code", "")), retry_after)
            time.sleep(PAUSE)
        raise AssertionError(f"{path}: no answer in {GIVES_UP_AFTER} seconds")

    def _send(self, path: str, body: str) -> tuple[int, bytes, str | None]:
        if self._wire is None:
            self._wire = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SILENCE)
        self._wire.request("POST", path, body=body, headers={"Content-Type": "application/json"})
        response = self._wire.getresponse()
        return response.status, response.read(), response.headers["Retry-After"]

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def _read(text: bytes) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(text or b"{}")
    except ValueError:
        return {}
    return body
