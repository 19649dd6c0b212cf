"""The load of the soak: `python -m benchmarks.soak.client` reads a plan and lives many short lives.

Each connection is a person who signs in, calls and refreshes in turns, signs out, and a little later finds
the old access token refused. It begins the next request as soon as the last one is answered, unless the plan
names a rate. Every interval a line says what happened in it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.wire import Wire, request

REFUSED_AFTER = 2.0
"""Seconds within which every process has surely heard of a sign-out."""


class Interval:
    """What happened since the last line."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.latencies: dict[str, list[float]] = {}
        self.began, self.worked = time.monotonic(), time.process_time()

    def note(self, what: str, seconds: float, error: str) -> None:
        """Take one answer in."""
        self.answers[what] += 1
        self.latencies.setdefault(what, []).append(seconds)
        if error:
            self.errors[f"{what}: {error}"] += 1

    def as_json(self) -> dict[str, Any]:
        """Rates a second, errors, and milliseconds by percentile."""
        seconds = time.monotonic() - self.began
        return {
            "seconds": seconds,
            "answers": self.answers,
            "errors": self.errors,
            "milliseconds": {what: _percentiles(values) for what, values in self.latencies.items()},
            "busy": (time.process_time() - self.worked) / seconds,
        }


class Load:
    """All connections together.

    Args:
        plan: The port, the names and the password of the people, how many `connections`, `minutes`,
            `interval` in seconds, `rate` a second (0 for as many as are answered), and of a life how many
            `refreshes` and how many `calls` to each.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.until: float = time.monotonic() + 60 * plan["minutes"]
        self.interval = Interval()

    @property
    def going(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until

    async def run(self) -> None:
        """Live until the time is over."""
        count = self.plan["connections"]
        people = [self.plan["people"][number::count] for number in range(count)]
        await asyncio.gather(self._tell(), *(Person(self, names).live() for names in people))

    async def _tell(self) -> None:
        while self.going:
            await asyncio.sleep(max(0.0, min(self.plan["interval"], self.until - time.monotonic())))
            finished, self.interval = self.interval, Interval()
            print(json.dumps(finished.as_json()), flush=True)


class Person:
    """One connection, and who uses it in turn.

    Args:
        load: Whose part this is.
        names: The user names.
    """

    def __init__(self, load: Load, names: list[str]) -> None:
        self._load = load
        self._names = names
        self._wire = Wire(load.plan["port"])
        rate = load.plan["rate"]
        self._pause = load.plan["connections"] / rate if rate else 0.0
        self._next = time.monotonic()

    async def live(self) -> None:
        """One life after the other, until the time is over."""
        number = 0
        while self._load.going:
            await self._life(self._names[number % len(self._names)])
            number += 1
        self._wire.close()

    async def _life(self, name: str) -> None:
        plan = self._load.plan
        body = {"username": name, "password": plan["password"]}
        pair = await self._ask("sign in", 200, "POST", "/api/token/", body)
        for _ in range(plan["refreshes"]):
            for _ in range(plan["calls"]):
                if not pair or not self._load.going:
                    break
                await self._ask("call", 200, "GET", "/api/session/", bearer=pair["access"])
            if pair and self._load.going:
                body = {"refresh": pair["refresh"]}
                pair = await self._ask("refresh", 200, "POST", "/api/token/refresh/", body)
        if pair:
            bearer = pair["access"]
            await self._ask("sign out", 204, "POST", "/api/logout/", {"scope": "current"}, bearer=bearer)
            await asyncio.sleep(REFUSED_AFTER)
            await self._ask("call after sign-out", 401, "GET", "/api/session/", bearer=bearer)

    async def _ask(
        self, what: str, expected: int, method: str, path: str, body: Any = None, *, bearer: str = ""
    ) -> Any:
        """Ask, note what came of it, and return the answer if it is the expected one."""
        if self._pause:
            self._next = max(self._next + self._pause, time.monotonic())
            await asyncio.sleep(self._next - time.monotonic())
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        sent = request(method, path, body, headers)
        started, content = time.monotonic(), b""
        try:
            status, content = await self._wire.ask(sent)
        except OSError as failure:
            error = type(failure).__name__
        else:
            error = "" if status == expected else str(status)
        self._load.interval.note(what, time.monotonic() - started, error)
        return json.loads(content) if content and not error else None


def _percentiles(values: list[float]) -> dict[str, float]:
    if len(values) == 1:
        values = values * 2
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {f"p{percent}": round(1e3 * cuts[percent - 1], 2) for percent in (50, 95, 99)}


def main() -> None:
    """Read the plan and carry it out."""
    asyncio.run(Load(json.loads(sys.stdin.readline())).run())


if __name__ == "__main__":
    main()
