"""Delete what can never matter again: sessions past their absolute expiry, and revocations that have ended.

In batches along the index, so that no statement is long and an interrupted run has lost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, transaction
from django.db.models.functions import Now

from jotpass.auth.feed import LOOK_BACK
from jotpass.auth.models import Revocation, Session, TokenFamily, session_database
from jotpass.auth.revocation import SLACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

DEFAULT_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Flushable:
    """How many rows can go."""

    sessions: int
    revocations: int

    @property
    def total(self) -> int:
        """Rows of both kinds."""
        return self.sessions + self.revocations


def count_flushable() -> Flushable:
    """Count what `flush` would delete."""
    return Flushable(_ended_sessions().count(), _ended_revocations().count())


def flush(batch: int = DEFAULT_BATCH) -> Iterator[int]:
    """Delete, and yield after each batch how many sessions and revocations it held.

    Args:
        batch: Rows at a time.
    """
    yield from _in_batches(_ended_sessions, batch, _delete_sessions)
    yield from _in_batches(_ended_revocations, batch, _delete_revocations)


def _ended_sessions() -> QuerySet[Session]:
    ended = Session.objects.using(session_database()).filter(expires_at__lt=Now() - SLACK)
    return ended.order_by("expires_at")


def _ended_revocations() -> QuerySet[Revocation]:
    # What takes a revocation back has ended when it is written, and every process has yet to read it.
    read_by_all = Now() - timedelta(seconds=2 * LOOK_BACK)
    rows = Revocation.objects.using(session_database())
    return rows.filter(until__lt=Now(), recorded_at__lt=read_by_all).order_by("until")


def _in_batches(rows: Any, batch: int, delete: Any) -> Iterator[int]:
    while keys := list(rows().values_list("pk", flat=True)[:batch]):
        delete(keys)
        yield len(keys)


def _delete_sessions(keys: list[Any]) -> None:
    # Past Django's collector: it would load every row, and send the signal by which a deletion is recorded as
    # a revocation. Nothing is alive here that could need one.
    using = session_database()
    with transaction.atomic(using=using):
        if connections[using].features.has_select_for_update:
            # Sessions in order, then families, as in a revocation: else two could wait for each other. Where
            # there are no such locks, a transaction that begins with a read may lose its turn to write.
            locked = Session.objects.using(using).filter(pk__in=keys).select_for_update().order_by("sid")
            list(locked.values_list("pk"))
        _delete(TokenFamily.objects.filter(session_id__in=keys))
        _delete(Session.objects.filter(pk__in=keys))


def _delete_revocations(keys: list[Any]) -> None:
    _delete(Revocation.objects.filter(pk__in=keys))


def _delete(rows: Any) -> None:
    rows.using(session_database())._raw_delete(session_database())  # noqa: SLF001 (DELETE, and nothing else)
