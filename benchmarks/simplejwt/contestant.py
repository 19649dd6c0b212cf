"""One contestant in a process of its own: two of them have the same import name.

`python -m benchmarks.simplejwt.contestant` is told by lines of JSON: {"row": ..., "seconds": ...} prepares
a row and answers how many statements it sends, null where there is no such thing here; {} times it once.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.rounds import Operation


def main() -> None:
    """Set Django up, then do as told until nobody says anything any more."""
    operations = _set_up()
    from benchmarks.simplejwt.operations import Timer  # noqa: PLC0415 (Django first)

    timer = None
    for line in sys.stdin:
        told = json.loads(line)
        answer: Any
        if "row" in told:
            operation = operations.get(told["row"])
            timer = operation and Timer(operation, told["seconds"])
            answer = timer and timer.statements
        else:
            assert timer is not None
            answer = timer()
        print(json.dumps(answer), flush=True)


def _set_up() -> Mapping[str, Operation]:
    import django  # noqa: PLC0415 (the environment comes first)
    from django.core.management import call_command  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.simplejwt.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    contestant = os.environ["BENCHMARK_CONTESTANT"]
    if contestant == "native":
        from benchmarks.simplejwt import native  # noqa: PLC0415 (the other has another app)

        return native.operations()
    import rest_framework_simplejwt  # noqa: PLC0415

    from benchmarks.simplejwt import incumbent  # noqa: PLC0415

    is_ours = "compat" in str(rest_framework_simplejwt.__file__)
    if is_ours != (contestant == "drop-in"):
        raise RuntimeError(f"{contestant} is {rest_framework_simplejwt.__file__}")
    return incumbent.operations()


if __name__ == "__main__":
    main()
