"""`python -m benchmarks.growth`: what a refresh and a flush cost in a large database, beside a small one.

    --families N    live families of the large database (5,000,000)
    --small N       of the small one (10,000)
    --ended N       ended sessions to flush, and as many ended revocations (1,000,000)
    --rounds N      interleaved rounds (21) of --refreshes N each (500)
    --wear N        refreshes of the small database before that, to wear its pages (50,000)
    --keep          keep table and picture of a run at less than full size, too
    --output DIR    write them there as well

The full size takes some minutes and about 4 GB of disk and of memory.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from benchmarks.command import add_keeping, close, progress_bar
from benchmarks.machine import describe
from benchmarks.pages import EXPLANATION, Place
from tests.servers.postgresql import postgresql

if TYPE_CHECKING:
    from rich.progress import Progress

    from benchmarks.growth.findings import Findings

FAMILIES = 5_000_000
ENDED = 1_000_000
WEAR_STEP = 500
PACKAGES = ("cryptography", "Django", "psycopg")
PLACE = Place(
    "bench-growth",
    "growth",
    EXPLANATION / "growing.md",
    "Refreshing and flushing in a small and in a large database; the table holds the same figures",
)


def main() -> int:
    """Measure what was asked for; 1 when a bound is missed."""
    options = _options()
    tuned = {"shared_buffers": options.shared_buffers, "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
    with (
        postgresql(durable=True, settings=tuned) as server,
        progress_bar() as progress,
    ):
        relaxed = "" if options.durable else "?options=-c%20synchronous_commit%3Doff"
        os.environ["GROWTH_SMALL"] = server.url(server.create_database()) + relaxed
        os.environ["GROWTH_LARGE"] = server.url(server.create_database()) + relaxed
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.growth.settings"
        found = measure(options, progress)
    whole = options.families >= FAMILIES and options.ended >= ENDED
    return close(found, PLACE, publish=options.keep or whole, output=options.output)


def measure(options: argparse.Namespace, progress: Progress) -> Findings:
    """Fill both databases, refresh in turns, flush both."""
    import django  # noqa: PLC0415 (the settings want the URLs of the databases)

    django.setup()
    from benchmarks.growth.filling import bytes_per_session, fill, warm  # noqa: PLC0415
    from benchmarks.growth.findings import Findings, Side  # noqa: PLC0415
    from benchmarks.growth.flushing import flush  # noqa: PLC0415
    from benchmarks.growth.holders import Holders  # noqa: PLC0415
    from benchmarks.growth.router import LARGE, SMALL  # noqa: PLC0415

    sizes = {SMALL: options.small, LARGE: options.families}
    # A hundredth of the rows shows what a flush needs for itself.
    ended = {SMALL: max(1, options.ended // 100), LARGE: options.ended}
    holders = {}
    for using, size in sizes.items():
        live = fill(using, families=size, users=max(1, size // 5), ended=ended[using], progress=progress)
        holders[using] = Holders(using, live)
    disk = {using: bytes_per_session(using) for using in sizes}
    for using in sizes:
        warm(using)
    task = progress.add_task("wearing the small one", total=options.wear)
    for _ in range(0, options.wear, WEAR_STEP):
        holders[SMALL].refresh(WEAR_STEP)
        progress.advance(task, WEAR_STEP)
    for using in sizes:
        holders[using].refresh(options.refreshes)
    seconds: dict[str, list[list[float]]] = {using: [] for using in sizes}
    task = progress.add_task("refreshing in turns", total=options.rounds)
    order = list(sizes)
    for _ in range(options.rounds):
        for using in order:
            seconds[using].append(holders[using].refresh(options.refreshes))
        order.reverse()
        progress.advance(task)
    updates = {using: holders[using].updates() for using in sizes}
    task = progress.add_task("flushing", total=len(sizes))
    flushed = {}
    for using in sizes:
        flushed[using] = flush(using, holders[using])
        progress.advance(task)
    small, large = (
        Side(sizes[using], seconds[using], updates[using], flushed[using], disk[using]) for using in sizes
    )
    return Findings(small, large, _setting(options), describe(PACKAGES))


def _setting(options: argparse.Namespace) -> str:
    commit = "on" if options.durable else "off"
    return (
        f"{options.rounds} interleaved rounds of {options.refreshes} refreshes each: `rotate_refresh_token`,"
        f" in process, of families drawn uniformly at random, warm. One PostgreSQL 18 with shared_buffers"
        f" {options.shared_buffers} and synchronous_commit={commit}."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-growth", description="Measure a large database beside a small one."
    )
    parser.add_argument("--families", type=int, default=FAMILIES, help="live families of the large database")
    parser.add_argument("--small", type=int, default=10_000, help="live families of the small one")
    parser.add_argument("--ended", type=int, default=ENDED, help="ended sessions, and as many revocations")
    parser.add_argument("--rounds", type=int, default=21, help="interleaved rounds")
    parser.add_argument("--refreshes", type=int, default=500, help="refreshes in a round")
    parser.add_argument("--wear", type=int, default=50_000, help="refreshes of the small one before")
    parser.add_argument("--shared-buffers", default="4GB", help="PostgreSQL's own memory")
    parser.add_argument("--durable", action="store_true", help="wait for the disk at each commit")
    add_keeping(parser)
    options = parser.parse_args()
    if min(options.families, options.small, options.ended, options.refreshes) < 2 or options.rounds < 1:
        parser.error("sizes must be at least 2, --rounds at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
