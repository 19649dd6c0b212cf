"""``manage.py jotpass migrate-from-simplejwt``: what to change, and the tokens that are out as sessions."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import CommandError

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.simplejwt import tables
from jotpass.auth.simplejwt.carrying import CARRIED, DEFAULT_BATCH, KINDS, MAX_BATCH, carry
from jotpass.auth.simplejwt.replacements import (
    Replacement,
    code_to_change,
    front_end_to_change,
    settings_to_change,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]

NO_TABLES: Final = (
    "There are no tables of tokens: rest_framework_simplejwt.token_blacklist is not in INSTALLED_APPS, so "
    "nobody knows which refresh tokens are out. Install it first and wait for one REFRESH_TOKEN_LIFETIME; "
    "else people sign in once more."
)
NOT_ACCEPTED: Final = (
    "JOTPASS['SIMPLEJWT_TOKENS'] is off: once it is True, POST token/refresh/ exchanges what was carried."
)

_TITLES: Final = {
    "settings": ("SIMPLE_JWT", "value", "instead in JOTPASS"),
    "code": ("in the project", "where", "instead"),
    "front_end": ("in front ends", "", "instead"),
}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare what ``migrate-from-simplejwt`` takes."""
    parser.add_argument("--batch", type=int, default=DEFAULT_BATCH, help="Rows at a time.")
    parser.add_argument("--dry-run", action="store_true", help="Only say what there is to do.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(
    options: Mapping[str, Any], say: Callable[[str], Any], table: Callable[..., Any], progress: Progress
) -> None:
    """Do what was asked.

    Args:
        options: What the parser made of the command line.
        say: Writes a line.
        table: Writes column names and rows.
        progress: Shows how many of a number of rows are done.

    Raises:
        CommandError: ``--batch`` is out of its range.
    """
    if not 1 <= options["batch"] <= MAX_BATCH:
        raise CommandError(f"--batch must be from 1 to {MAX_BATCH}.")
    report = {
        "settings": settings_to_change(),
        "code": code_to_change(),
        "front_end": front_end_to_change(),
    }
    if options["json"]:
        counts = _run(options, None)
        told = {name: [row._asdict() for row in rows] for name, rows in report.items()}
        carried = {name: counts[name] for name in KINDS}
        say(
            json.dumps(
                {**told, "tokens": carried, "notes": _notes(), "dry_run": options["dry_run"]}, indent=2
            )
        )
        return
    for name, rows in report.items():
        _show(_TITLES[name], rows, say, table)
    counts = _run(options, progress)
    say(_told(counts, dry_run=options["dry_run"]))
    for note in _notes():
        say(note)


def _run(options: Mapping[str, Any], progress: Progress | None) -> Counter[str]:
    batches = carry(options["batch"], dry_run=options["dry_run"])
    if progress is None:
        return sum(batches, Counter())
    counts: Counter[str] = Counter()
    with progress(tables.count_issued()) as advance:
        for found in batches:
            counts += found
            advance(found.total())
    return counts


def _told(counts: Counter[str], *, dry_run: bool) -> str:
    others = [f"{counts[kind]} {text}" for kind, text in KINDS.items() if kind != CARRIED and counts[kind]]
    carried = f"{counts[CARRIED]} {'can be carried' if dry_run else KINDS[CARRIED]}"
    return f"Of {counts.total()} tokens that have not expired, {', '.join([carried, *others])}."


def _notes() -> list[str]:
    if not tables.are_installed():
        return [NO_TABLES]
    return [] if jotpass_settings.SIMPLEJWT_TOKENS else [NOT_ACCEPTED]


def _show(
    title: Sequence[str],
    rows: Sequence[Replacement],
    say: Callable[[str], Any],
    table: Callable[..., Any],
) -> None:
    if rows:
        table(title, rows)
        say("")
