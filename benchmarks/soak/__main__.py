"""`python -m benchmarks.soak`: half an hour of people who sign in, call, refresh and sign out.

    --minutes N       how long (30)
    --rate N          requests a second; 0 (the default) is the most that the server answers
    --workers N       processes of the server (2), of --threads N each (4)
    --connections N   people at a time; twice as many as the server has threads, unless it is said
    --keep            keep table and picture of a shorter run, too
    --output DIR      write table, JSON and picture there after every minute

Ends by itself. Interrupted, it says what it has found until then. The exit status is 1 when something was
answered otherwise than expected, or memory was not flat.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks.command import add_keeping, close
from benchmarks.load.server import talk
from benchmarks.machine import describe
from benchmarks.pages import EXPLANATION, Place
from benchmarks.soak.findings import Findings, Minute
from benchmarks.soak.site import PASSWORD, Site, serving

if TYPE_CHECKING:
    import subprocess

MINUTES = 30.0
INTERVAL = 60.0
FLUSH_EVERY = 5
REFRESHES = 20
CALLS = 10
PEOPLE_PER_CONNECTION = 10
PACKAGES = ("granian", "Django", "djangorestframework", "psycopg", "cryptography")
PLACE = Place(
    "soak",
    "soak",
    EXPLANATION / "growing.md",
    "Rate, latency, memory and revocations, minute by minute",
)


def main() -> int:
    """Soak; 1 when something was not as it should be."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    connections = options.connections or 2 * options.workers * options.threads
    people = PEOPLE_PER_CONNECTION * connections
    found = Findings(_setting(options, connections), describe(PACKAGES))
    with (
        serving(people=people, workers=options.workers, threads=options.threads) as site,
        contextlib.suppress(KeyboardInterrupt),
        talk("benchmarks.soak.client") as client,
    ):
        plan = {
            "port": site.server.port,
            "people": [f"person{number}" for number in range(people)],
            "password": PASSWORD,
            "connections": connections,
            "minutes": options.minutes,
            "interval": min(INTERVAL, 60 * options.minutes / 3),
            "rate": options.rate,
            "refreshes": REFRESHES,
            "calls": CALLS,
        }
        try:
            _watch(client, site, plan, found, options)
        finally:
            client.terminate()
    if not found.minutes:
        raise SystemExit("interrupted before the first minute was over")
    # The folder of --output holds all of it since the last minute.
    return close(found, PLACE, publish=options.keep or options.minutes >= MINUTES)


def _watch(
    client: subprocess.Popen[str],
    site: Site,
    plan: dict[str, Any],
    found: Findings,
    options: argparse.Namespace,
) -> None:
    """Look at everybody at the end of each interval."""
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(json.dumps(plan) + "\n")
    client.stdin.flush()
    began = time.monotonic()
    for line in client.stdout:
        told = json.loads(line)
        database, revocations = site.database()
        at = (time.monotonic() - began) / 60
        minute = Minute(at, **told, memory=site.memory(), database=database, revocations=revocations)
        found.minutes.append(minute)
        errors = sum(minute.errors.values())
        held = sum(minute.memory.values())
        print(
            f"minute {at:4.1f} of {plan['minutes']:g}: {minute.rate:,.0f} a second, {errors} errors,"
            f" {held:.0f} MiB, {revocations:,} revocations",
            file=sys.stderr,
            flush=True,
        )
        if options.output:
            PLACE.write(found, options.output)
        if len(found.minutes) % FLUSH_EVERY == 0:
            site.flush()


def _setting(options: argparse.Namespace, connections: int) -> str:
    rate = f"{options.rate:g} requests a second" if options.rate else "as many requests as are answered"
    return (
        f"`jotpass serve` with {options.workers} workers of {options.threads} threads,"
        f" {connections} connections, {rate}; PostgreSQL 18 as shipped, Redis or Valkey;"
        f" passwords hashed as Django does by default; a flush every {FLUSH_EVERY} minutes."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description="A mixed load for half an hour.")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long")
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0 for the most")
    parser.add_argument("--workers", type=int, default=2, help="processes of the server")
    parser.add_argument("--threads", type=int, default=4, help="threads of each")
    parser.add_argument("--connections", type=int, default=0, help="people at a time")
    add_keeping(parser, keep="keep a shorter run, too", output="a folder to write to after every minute")
    options = parser.parse_args()
    if options.minutes <= 0 or min(options.workers, options.threads) < 1 or options.rate < 0:
        parser.error("--minutes, --workers and --threads must be positive, --rate not negative")
    return options


if __name__ == "__main__":
    sys.exit(main())
