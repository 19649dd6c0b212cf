"""Fill a database with sessions, and read it once, so that nothing is measured that the disk decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import connections

from tests.growth.numbered import CHUNK, Numbered, insert_ended_revocations, insert_users, settle

if TYPE_CHECKING:
    from rich.progress import Progress

TABLES = ("jotpass_session", "jotpass_tokenfamily")
# By the primary key, as a refresh reads; a scan of the whole table would not stay in PostgreSQL's own memory.
READ_ALL = (
    "SELECT count(random_value) FROM (SELECT random_value FROM jotpass_tokenfamily ORDER BY fid) AS f",
    "SELECT count(auth_hash) FROM (SELECT auth_hash FROM jotpass_session ORDER BY sid) AS s",
    "SELECT count(password) FROM (SELECT password FROM auth_user ORDER BY id) AS u",
)


def fill(using: str, *, families: int, users: int, ended: int, progress: Progress) -> Numbered:
    """Make the tables of a database and fill them.

    Args:
        using: Its alias.
        families: How many live sessions, each with one family.
        users: How many people they belong to.
        ended: How many more sessions that have ended, and ended revocations.
        progress: Where the bar is shown.

    Returns:
        The live sessions.
    """
    call_command("migrate", database=using, verbosity=0)
    task = progress.add_task(f"filling: {using}", total=families + ended + users)
    auth_hash = insert_users(using, users)
    progress.advance(task, users)
    live = Numbered.live(families, users=users)
    dead = Numbered.ended(ended, users=users) if ended else None
    for rows in filter(None, (dead, live)):
        for first in range(0, rows.count, CHUNK):
            last = min(first + CHUNK, rows.count)
            rows.insert(using, first, last, auth_hash)
            progress.advance(task, last - first)
    insert_ended_revocations(using, ended)
    settle(using)
    return live


def warm(using: str) -> None:
    """Read every page that a refresh may want."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SET enable_seqscan = off; SET enable_sort = off; SET max_parallel_workers_per_gather = 0"
        )
        for statement in READ_ALL:
            cursor.execute(statement)
        cursor.execute("RESET ALL")


def bytes_per_session(using: str) -> float:
    """What one session takes with its family, indexes included."""
    with connections[using].cursor() as cursor:
        size = 0
        for table in TABLES:
            cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
            size += cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM jotpass_session")
        return float(size / cursor.fetchone()[0])
