"""One subject in a process of its own: `python -m benchmarks.subject NAME ROUNDS` prints its figures."""

from __future__ import annotations

import importlib
import json
import os
import sys


def main(name: str, rounds: str) -> None:
    """Set Django up where the parent named a database, measure, print."""
    if "BENCHMARK_DATABASE_URL" in os.environ:
        _set_up_django()
    subject = importlib.import_module(f"benchmarks.subjects.{name}")
    for figure in subject.measure(int(rounds)):
        print(json.dumps(figure.as_json()), flush=True)


def _set_up_django() -> None:
    import django  # noqa: PLC0415 - the other subjects do without
    from django.core.management import call_command  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.project.settings"
    django.setup()
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
