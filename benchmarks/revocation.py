"""`python -m benchmarks.revocation`: how soon a revocation arrives, and what knowing of many costs.

Two server processes on a PostgreSQL of the benchmark's own, with and without Redis. A person signs out at the
first while the second is asked all the time; the delay is from the answer of the one to the first refusal of
the other. Then, in this process: what the look into the feed costs each request, and how much memory an entry
takes. With `--keep` the table is written to `benchmarks/results/revocation.md`.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import psycopg

from benchmarks.machine import describe, in_words
from jotpass.auth.feed import RevocationFeed
from jotpass.auth.uuid7 import uuid7
from tests.races.fleet import Call, Fleet, fleet
from tests.servers.postgresql import postgresql
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.postgresql import PostgresServer

RESULT: Final = Path(__file__).parent / "results" / "revocation.md"
KEYS: Final = 100_000
CALLS: Final = 200_000
LATE: Final = 5.0
PAUSE: Final = 0.002


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement, and the most that it may be; infinite where there is no bound."""

    what: str
    value: float
    unit: str
    bound: float = float("inf")
    note: str = ""

    def __str__(self) -> str:
        bound = "" if self.bound == float("inf") else f"≤ {self.bound:g}"
        missed = ", missed" if self.value > self.bound else ""
        return f"| {self.what} | {self.value:.4g} {self.unit} | {bound}{missed} | {self.note} |"


def main() -> None:
    """Measure, print, and fail where a bound is missed."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=100, help="sign-outs over each feed")
    options.add_argument("--keep", action="store_true", help="write the table into benchmarks/results")
    chosen = options.parse_args()
    lines = []
    for line in measure(chosen.rounds):
        print(line, flush=True)
        lines.append(line)
    if chosen.keep:
        RESULT.write_text(table(lines), encoding="utf-8")
    if any(line.value > line.bound for line in lines):
        raise SystemExit("a bound was missed")


def table(lines: list[Line]) -> str:
    """The measurements in Markdown, and what they were made on."""
    machine = in_words(describe(["Django", "redis", "granian"]))
    head = "| | measured | bound | |\n|---|---:|---:|---|\n"
    return head + "\n".join(map(str, lines)) + f"\n\nOn {machine}.\n"


def measure(rounds: int) -> Iterator[Line]:
    """Everything, in the order of the table."""
    with postgresql() as server, redis() as channel, tempfile.TemporaryDirectory() as folder:
        with _two_processes(server, Path(folder), {}) as servers:
            yield from _staleness(servers, rounds, "the database", bound=1.2)
            yield _late_row(servers)
        with _two_processes(server, Path(folder), {"REVOCATION_REDIS_URL": channel.url}) as servers:
            _warm(servers)
            yield from _staleness(servers, rounds, "Redis", bound=1.2, median_bound=0.1)
    yield from _costs()


def _two_processes(server: PostgresServer, folder: Path, jotpass: dict[str, Any]) -> Any:
    return fleet(server, folder, atomic=False, jotpass=jotpass)


def _warm(servers: Fleet) -> None:
    """Until both have read the database once, and listen."""
    call = Call("GET", "/whoami/", token=servers.sign_in()["access"])
    while not all(_hears(servers, process, call) for process in (0, 1)):
        time.sleep(0.05)


def _hears(servers: Fleet, process: int, call: Call) -> bool:
    servers.call(call, process)
    return servers.call(Call("GET", "/readyz"), process).body["redis_connected"] is True


def _staleness(
    servers: Fleet, rounds: int, over: str, *, bound: float, median_bound: float = float("inf")
) -> Iterator[Line]:
    delays = [_sign_out(servers) for _ in range(rounds)]
    spread = f"{rounds} sign-outs"
    yield Line(
        f"staleness over {over}, median", statistics.median(delays) * 1e3, "ms", median_bound * 1e3, spread
    )
    yield Line(f"staleness over {over}, longest", max(delays) * 1e3, "ms", bound * 1e3, spread)


def _sign_out(servers: Fleet) -> float:
    token = servers.sign_in()["access"]
    whoami = Call("GET", "/whoami/", token=token)
    end = time.monotonic() + random.uniform(0, 1.1)  # noqa: S311 - at any moment of the other's second
    while time.monotonic() < end:
        assert servers.call(whoami, 1).status == 200
        time.sleep(PAUSE)
    assert servers.call(Call("POST", "/api/logout/", token=token)).status == 204
    return _until_refused(servers, whoami)


def _until_refused(servers: Fleet, call: Call) -> float:
    since = perf_counter()
    while servers.call(call, 1).status != 401:
        assert perf_counter() - since < 60
        time.sleep(PAUSE)
    return perf_counter() - since


def _late_row(servers: Fleet) -> Line:
    """A row whose transaction commits long after it was written, while others come and go."""
    delays = []
    for _ in range(5):
        pair = servers.sign_in()
        whoami = Call("GET", "/whoami/", token=pair["access"])
        sid = servers.call(Call("GET", "/api/session/", token=pair["access"])).body["sid"]
        with psycopg.connect(servers.dsn) as connection:
            connection.execute(
                "INSERT INTO jotpass_revocation (key, recorded_at, until) "
                "VALUES (%s, now(), now() + interval '10 minutes')",
                [sid],
            )
            end = time.monotonic() + LATE
            while time.monotonic() < end:
                _sign_out(servers)
                assert servers.call(whoami, 1).status == 200
        delays.append(_until_refused(servers, whoami))
    return Line(
        f"a row committed {LATE:g} s late, longest from its commit", max(delays) * 1e3, "ms", 1200, "5 rows"
    )


def _costs() -> Iterator[Line]:
    """The feed alone, in this process."""
    sid, fid, jti = str(uuid7()), str(uuid7()), "0123456789abcdefghijkl"
    rows = [(str(uuid7()), True) for _ in range(KEYS)]
    feed = RevocationFeed(lambda _: iter(rows))

    def look() -> bool:
        return feed.is_revoked(sid, fid, jti, max_staleness=30)

    look()
    yield Line(
        f"a look into the feed of {KEYS:,} keys",
        _microseconds(look),
        "µs",
        2,
        "per request; the best of 20 runs",
    )
    few = RevocationFeed(lambda _: iter([]))
    yield Line(
        "a look into an empty feed",
        _microseconds(lambda: few.is_revoked(sid, fid, jti, max_staleness=30)),
        "µs",
    )
    yield from _memory()


def _microseconds(look: Callable[[], bool]) -> float:
    def run() -> float:
        started = perf_counter()
        for _ in repeat(None, CALLS // 20):
            look()
        return (perf_counter() - started) / (CALLS // 20)

    return min(run() for _ in range(20)) * 1e6


def _memory() -> Iterator[Line]:
    tracemalloc.start()
    feed = RevocationFeed(lambda _: ((str(uuid7()), True) for _ in range(KEYS)))
    before, _ = tracemalloc.get_traced_memory()
    feed.is_revoked("x", max_staleness=30)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    feed._read_all_at = None  # noqa: SLF001 - as after half a minute
    feed.hurry()
    feed.is_revoked("x", max_staleness=30)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Line("memory held per key", (held - before) / KEYS, "bytes", note=f"{KEYS:,} keys of a session")
    yield Line(
        "memory per key while all is read again",
        (peak - before) / KEYS,
        "bytes",
        note="the old set and the new",
    )


if __name__ == "__main__":
    main()
