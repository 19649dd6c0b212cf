"""The load: `python -m benchmarks.load.client` reads a plan, then runs race after race, as it is told.

The first line of its input is the plan: the port, and for each race what every connection sends. Each line
after that names a race and its seconds; the answer is a line with the counts, the latencies and the time that
this process itself was at work. Who rotates goes on with the token that the last answer held.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.wire import Wire, request


class Caller:
    """One connection in one race.

    Args:
        port: Of the server.
        race: Its method and path, and the member by which a refresh token is sent, if any.
        credentials: What this connection's person holds.
    """

    def __init__(self, port: int, race: dict[str, str], credentials: dict[str, str]) -> None:
        self._race = race
        self._wire = Wire(port)
        self._refresh = credentials["refresh"]
        self._headers = {"Authorization": credentials["header"]}
        self.refused = ""
        self._next = re.compile(rf'"{race["member"]}": ?"([^"]+)"'.encode())
        self._sent = b"" if self._rotates else request("GET", race["path"], headers=self._headers)

    @property
    def _rotates(self) -> bool:
        return self._race["method"] == "POST"

    async def run(self, until: float, statuses: Counter[int], latencies: list[float]) -> None:
        """Ask until the time is over; what is answered after it does not count."""
        while time.monotonic() < until:
            started = time.monotonic()
            status, body = await self._wire.ask(self._sent if not self._rotates else self._rotation())
            ended = time.monotonic()
            if self._rotates:
                found = self._next.search(body)
                self._refresh = found[1].decode() if found else ""
            if status != 200:
                self.refused = body.decode(errors="replace")[:500]
            if ended <= until:
                statuses[status] += 1
                latencies.append(ended - started)
        self._wire.close()

    def _rotation(self) -> bytes:
        return request("POST", self._race["path"], {self._race["member"]: self._refresh})


async def race(callers: list[Caller], seconds: float) -> dict[str, Any]:
    """Let all callers ask for so long."""
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    worked, until = time.process_time(), time.monotonic() + seconds
    await asyncio.gather(*(caller.run(until, statuses, latencies) for caller in callers))
    return {
        "seconds": seconds,
        "statuses": statuses,
        "latencies": latencies,
        "refused": next((caller.refused for caller in callers if caller.refused), ""),
        "busy": (time.process_time() - worked) / seconds,
    }


def main() -> None:
    """Read the plan, then obey."""
    plan = json.loads(sys.stdin.readline())
    callers = {
        name: [Caller(plan["port"], one, credentials) for credentials in one["people"]]
        for name, one in plan["races"].items()
    }
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(asyncio.run(race(callers[order["race"]], order["seconds"]))), flush=True)


if __name__ == "__main__":
    main()
