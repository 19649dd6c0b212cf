"""``manage.py jotpass sessions | keys | flush | secret | check``, and the move ``migrate-from-simplejwt``."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.checks import ERROR, run_checks
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.db.models.functions import Now

from jotpass.auth.client_secrets import hash_client_secret, new_client_secret
from jotpass.auth.flush import DEFAULT_BATCH, MAX_BATCH, count_flushable, flush
from jotpass.auth.key_checks import check_fallback_keys
from jotpass.auth.management import key_commands, simplejwt_command
from jotpass.auth.models import Session, session_database
from jotpass.auth.printable import printable
from jotpass.auth.revocation import revoke_session, revoke_user
from jotpass.auth.user_name import stored_username
from jotpass.auth.uuid7 import parse_uuid

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

_COLUMNS = ("sid", "user", "device", "address", "signed_in_at", "last_used_at", "ends_at", "state")


class Command(BaseCommand):
    """The management command; each subcommand is a method."""

    help = "Look after sessions: list and revoke them, delete those that have ended, check the set-up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="subcommand", required=True)
        sessions = commands.add_parser("sessions", help="List live sessions, or revoke them.")
        sessions.add_argument("--user", help="Only those of this user, by the user name field.")
        sessions.add_argument("--all", action="store_true", help="Revoked and ended ones too.")
        sessions.add_argument("--limit", type=int, default=100, help="At most this many rows (default 100).")
        sessions.add_argument("--revoke", metavar="SID", help="Revoke this session.")
        sessions.add_argument("--revoke-all", action="store_true", help="Revoke every session of --user.")
        sessions.add_argument("--json", action="store_true", help="Print JSON.")
        flush_parser = commands.add_parser("flush", help="Delete ended sessions and revocations.")
        flush_parser.add_argument("--batch", type=int, default=DEFAULT_BATCH, help="Rows at a time.")
        flush_parser.add_argument("--dry-run", action="store_true", help="Only count them.")
        commands.add_parser("secret", help="Make a secret for a service that asks about tokens.")
        key_commands.add_arguments(commands.add_parser("keys", help="List, roll over and revoke keys."))
        simplejwt_command.add_arguments(
            commands.add_parser(
                "migrate-from-simplejwt", help="Say what to change, and carry tokens into sessions."
            )
        )
        check = commands.add_parser("check", help="Run the system checks of Jotpass and read the database.")
        check.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *args: object, **options: Any) -> None:
        """Run the subcommand."""
        run: Callable[[dict[str, Any]], None] = getattr(self, f"_{options['subcommand'].replace('-', '_')}")
        run(options)

    def _sessions(self, options: dict[str, Any]) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit must be at least 1.")
        if options["revoke"] and (options["user"] or options["revoke_all"]):
            raise CommandError("--revoke takes one sid, and neither --user nor --revoke-all with it.")
        user = _user(options["user"]) if options["user"] else None
        if options["revoke_all"]:
            if user is None:
                raise CommandError("--revoke-all needs --user.")
            self.stdout.write(f"{revoke_user(user.pk, reason='revoked_by_admin')} sessions revoked.")
        elif options["revoke"]:
            sid = parse_uuid(options["revoke"])
            if sid is None or not revoke_session(sid, reason="revoked_by_admin"):
                raise CommandError("No live session of this sid.")
            self.stdout.write("1 session revoked.")
        else:
            self._list(_listed(user, everything=options["all"])[: options["limit"]], as_json=options["json"])

    def _list(self, sessions: QuerySet[Session], *, as_json: bool) -> None:
        rows = [_row(session) for session in sessions]
        if as_json:
            self.stdout.write(json.dumps([dict(zip(_COLUMNS, row, strict=True)) for row in rows], indent=2))
        elif rows:
            self._table(
                [column.replace("_", " ") for column in _COLUMNS], [[*map(printable, row)] for row in rows]
            )
        else:
            self.stdout.write("Nobody is signed in.")

    def _secret(self, options: dict[str, Any]) -> None:
        secret = new_client_secret()
        self.stdout.write(f"For the service, once and in secret:  {secret}")
        self.stdout.write(f"For INTROSPECTION_CLIENTS:             {hash_client_secret(secret)}")

    def _keys(self, options: dict[str, Any]) -> None:
        key_commands.run(options, self.stdout.write, self._table)

    def _migrate_from_simplejwt(self, options: dict[str, Any]) -> None:
        simplejwt_command.run(
            options,
            self.stdout.write,
            self._table,
            partial(self._progress, doing="carrying", done="looked at"),
        )

    def _flush(self, options: dict[str, Any]) -> None:
        if not 1 <= options["batch"] <= MAX_BATCH:
            raise CommandError(f"--batch must be from 1 to {MAX_BATCH}.")
        found = count_flushable()
        what = f"{found.sessions} sessions and {found.revocations} revocations"
        if options["dry_run"]:
            self.stdout.write(f"{what} can be deleted.")
            return
        with self._progress(found.total) as advance:
            for deleted in flush(options["batch"]):
                advance(deleted)
        self.stdout.write(f"{what} deleted.")

    def _check(self, options: dict[str, Any]) -> None:
        asked = [session_database()]
        ours = (*run_checks(databases=asked), *check_fallback_keys(asked))
        messages = [message for message in ours if (message.id or "").startswith("jotpass.")]
        counts = {
            "live_sessions": _live().count(),
            "flushable": count_flushable().total,
        }
        if options["json"]:
            found = [{"id": message.id, "message": message.msg, "hint": message.hint} for message in messages]
            self.stdout.write(json.dumps({**counts, "messages": found}, indent=2))
        else:
            for message in messages:
                style = self.style.ERROR if message.is_serious(ERROR) else self.style.WARNING
                self.stdout.write(style(str(message)))
            self.stdout.write(
                f"{counts['live_sessions']} live sessions, {counts['flushable']} rows to flush."
            )
        if any(message.is_serious(ERROR) for message in messages):
            raise CommandError("The checks found errors.")

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        for position, row in enumerate((columns, *rows)):
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            self.stdout.write(self.style.MIGRATE_HEADING(line) if position == 0 else line)

    @contextmanager
    def _progress(
        self, total: int, *, doing: str = "deleting", done: str = "deleted"
    ) -> Iterator[Callable[[int], None]]:
        """Show a bar on a terminal that has ``rich``, and otherwise a line for each batch."""
        if self.stdout.isatty():
            try:
                from rich.progress import Progress  # noqa: PLC0415 (an extra that need not be installed)
            except ImportError:
                pass
            else:
                with Progress() as progress:
                    task = progress.add_task(doing, total=total)
                    yield lambda count: progress.advance(task, count)
                return
        so_far = 0

        def advance(count: int) -> None:
            nonlocal so_far
            so_far += count
            self.stdout.write(f"{so_far} of {total} rows {done}")

        yield advance


def _user(name: str) -> Any:
    people = get_user_model()._default_manager
    # A field of numbers would raise for a name that is none.
    known = stored_username(name) is not None
    user = people.filter(**{get_user_model().USERNAME_FIELD: name}).first() if known else None
    if user is None:
        raise CommandError("No such user.")
    return user


def _live() -> QuerySet[Session]:
    return Session.objects.using(session_database()).filter(revoked_at=None, expires_at__gt=Now())


def _listed(user: Any, *, everything: bool) -> QuerySet[Session]:
    sessions = Session.objects.using(session_database()).all() if everything else _live()
    if user is not None:
        sessions = sessions.filter(user=user.pk)
    return (
        sessions.select_related("user")
        .annotate(last_used_at=Max("family__last_used_at"))
        .order_by("-created_at", "-sid")
        .defer("auth_hash")
    )


def _row(session: Any) -> tuple[str, ...]:
    return (
        str(session.sid),
        str(session.user.get_username()),
        session.label or session.user_agent[:40],
        session.address or "",
        _moment(session.auth_time),
        _moment(session.last_used_at),
        _moment(session.expires_at),
        f"revoked ({session.revoked_reason})" if session.revoked_at else "live",
    )


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%MZ") if moment else ""
