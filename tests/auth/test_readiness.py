"""Readiness tells the truth of each part, in bounded time, with one examination for all who ask."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.db import connection

from jotpass.auth import readiness as room
from jotpass.auth.readiness import HOLDS, Readiness

if TYPE_CHECKING:
    import pytest


class Clock:
    """Seconds that stand still until told otherwise."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_what_hangs_is_a_finding() -> None:
    """The part is named, those behind it are unknown; it is told once it has come to an end."""
    released = threading.Event()

    def hang() -> str:
        released.wait(30)
        return "ok"

    examined = Readiness({"first": lambda: "ok", "slow": hang, "last": lambda: "ok"})
    assert examined.findings() == {"first": "ok", "slow": "timeout", "last": "unknown"}
    released.set()
    latest = examined._latest
    assert latest is not None
    assert latest.done.wait(30)
    assert examined.findings() == {"first": "ok", "slow": "ok", "last": "ok"}


def test_who_comes_late_to_what_hangs_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, and for however long: one examination, and one wait."""
    released = threading.Event()
    begun: list[str] = []
    waits: list[float] = []

    def hang() -> str:
        begun.append(threading.current_thread().name)
        released.wait(30)
        return "ok"

    examined = Readiness({"slow": hang})
    examined.findings()
    latest = examined._latest
    assert latest is not None
    real = latest.done.wait

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return real(seconds)

    monkeypatch.setattr(latest.done, "wait", wait)
    for _ in range(100):
        assert examined.findings() == {"slow": "timeout"}
    assert set(waits) == {0.0}
    assert begun == ["jotpass-readiness"]
    released.set()
    assert real(30)


def test_findings_hold_for_a_second() -> None:
    """A flood of questions is one question to the database."""
    clock, asked = Clock(), []

    def count() -> str:
        asked.append(clock.now)
        return "ok"

    examined = Readiness({"database": count}, clock)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: examined.findings(), range(50)))
    assert len(asked) == 1
    clock.now += HOLDS - 0.01
    examined.findings()
    assert len(asked) == 1
    clock.now += 0.01
    examined.findings()
    assert len(asked) == 2


def test_an_examination_gives_its_connections_back(transactional_db: None) -> None:
    """A probe each second must not use up the database's connections."""
    closed: list[bool] = []

    def look() -> str:
        room.database()
        own = connection.connection
        closed.append(own is None)
        return "ok"

    examined = Readiness({"database": look}, clock := Clock())
    for _ in range(3):
        examined.findings()
        clock.now += HOLDS
    assert closed == [False] * 3
    until = time.monotonic() + 30
    while any(thread.name == "jotpass-readiness" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_forked_process_examines_for_itself() -> None:
    """The thread that examines does not come along."""
    released = threading.Event()

    def hang() -> str:
        released.wait(30)
        return "ok"

    examined = Readiness({"slow": hang})
    examined.findings()
    parents = examined._latest
    examined._forget()
    released.set()
    assert examined.findings() == {"slow": "ok"}
    assert parents is not None
    assert parents.done.wait(30)
