"""`python -m benchmarks.load`: Jotpass and its peers behind one server, under load, in turns.

--rounds N           interleaved rounds (11) of --seconds N for each contender (2)
--workers N          processes of the server (2), of --threads N each (4)
--connections N      that are open at once (16)
--prepared           let PostgreSQL keep the plans of statements, for everybody
--keep               keep table and picture of a run at less than full size, too
--output DIR         write them there as well
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.command import add_keeping, close, progress_bar
from benchmarks.databases import postgresql_url, relaxed_postgresql_url
from benchmarks.load.findings import REFRESH, VIEW, Findings, Score
from benchmarks.load.server import serving, talk
from benchmarks.machine import describe
from benchmarks.pages import EXPLANATION, Place

if TYPE_CHECKING:
    import subprocess

    from rich.progress import Progress

ROUNDS = 11
SECONDS = 2.0
WARM_UP = 2.0
PACKAGES = ("granian", "Django", "djangorestframework", "psycopg", "cryptography", "PyJWT")
PLACE = Place(
    "bench-load",
    "load",
    EXPLANATION / "performance.md",
    "Jotpass beside its peers behind one server, as bars; the tables hold the same figures",
)


def main() -> int:
    """Measure what was asked for; 1 when a bound is missed or somebody met an error."""
    options = _options()
    database = postgresql_url if options.durable else relaxed_postgresql_url
    with database() as url, progress_bar() as progress:
        os.environ["LOAD_DATABASE_URL"] = url
        os.environ["LOAD_POOL"] = str(options.threads)
        if options.prepared:
            os.environ["LOAD_PREPARED"] = "1"
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.load.settings"
        found = measure(options, progress)
    whole = options.rounds >= ROUNDS and options.seconds >= SECONDS
    return close(found, PLACE, publish=options.keep or whole, output=options.output)


def measure(options: argparse.Namespace, progress: Progress) -> Findings:
    """Sign everybody in, start the server, and let them take turns."""
    import django  # noqa: PLC0415 (the settings want the URL of the database)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from benchmarks.load.contenders import CONTENDERS, SIMPLEJWT, people  # noqa: PLC0415

    call_command("migrate", verbosity=0, skip_checks=True)
    races: dict[str, Any] = {}
    scores: dict[str, dict[str, Score]] = {VIEW: {}, REFRESH: {}}
    for contender in CONTENDERS:
        who = [asdict(held) for held in people(contender, options.connections)]
        view = {"method": "GET", "path": contender.view, "member": contender.member, "people": who}
        races[f"{VIEW}\n{contender.name}"] = view
        scores[VIEW][contender.name] = Score()
        if contender.refresh:
            rotation = view | {"method": "POST", "path": contender.refresh}
            races[f"{REFRESH}\n{contender.name}"] = rotation
            scores[REFRESH][contender.name] = Score()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    application = "benchmarks.load.wsgi:application"
    with (
        serving(application, workers=options.workers, threads=options.threads) as port,
        talk("benchmarks.load.client") as client,
    ):
        _tell(client, {"port": port, "races": races})
        _race(client, options, scores, progress)
        assert client.stdin is not None
        client.stdin.close()
    return Findings(scores, SIMPLEJWT, _setting(options), describe(PACKAGES))


def _race(
    client: subprocess.Popen[str],
    options: argparse.Namespace,
    scores: dict[str, dict[str, Score]],
    progress: Progress,
) -> None:
    order = [(discipline, name) for discipline, contenders in scores.items() for name in contenders]
    task = progress.add_task("taking turns", total=len(order) * (1 + options.rounds))
    for number in range(1 + options.rounds):
        for discipline, name in order:
            seconds = options.seconds if number else WARM_UP
            _tell(client, {"race": f"{discipline}\n{name}", "seconds": seconds})
            answer = _hear(client)
            if not answer["statuses"].keys() <= {"200"}:
                raise SystemExit(f"{discipline}, {name}: {answer['statuses']} {answer['refused']}")
            if number:
                scores[discipline][name].add(answer)
            progress.advance(task)
        order.append(order.pop(0))


def _tell(client: subprocess.Popen[str], message: dict[str, Any]) -> None:
    assert client.stdin is not None
    client.stdin.write(json.dumps(message) + "\n")
    client.stdin.flush()


def _hear(client: subprocess.Popen[str]) -> dict[str, Any]:
    assert client.stdout is not None
    line = client.stdout.readline()
    if not line:
        raise RuntimeError("the client ended")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _setting(options: argparse.Namespace) -> str:
    commit = "on: every commit waits for the disk" if options.durable else "off: no commit waits for the disk"
    return (
        f"{options.rounds} interleaved rounds of {options.seconds:g} seconds each, {options.connections} kept"
        f" connections, one granian (WSGI) with {options.workers} workers of {options.threads} threads,"
        f" PostgreSQL 18 with synchronous_commit={commit}{', and prepared statements' * options.prepared}."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-load", description="Measure Jotpass beside its peers behind one server."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="seconds of each contender in a round")
    parser.add_argument("--workers", type=int, default=2, help="processes of the server")
    parser.add_argument("--threads", type=int, default=4, help="threads of each")
    parser.add_argument("--connections", type=int, default=16, help="open connections")
    parser.add_argument("--durable", action="store_true", help="wait for the disk at each commit")
    parser.add_argument("--prepared", action="store_true", help="let PostgreSQL keep plans, for everybody")
    add_keeping(parser)
    options = parser.parse_args()
    if min(options.rounds, options.workers, options.threads, options.connections) < 1 or options.seconds <= 0:
        parser.error("every number must be positive")
    return options


if __name__ == "__main__":
    sys.exit(main())
