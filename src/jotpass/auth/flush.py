"""Delete what can never matter again: sessions past their absolute expiry, and revocations that have ended.

In batches along an index, each a transaction of its own: no lock is held for long, nothing is remembered but
the batch, and a run that was killed has lost nothing. Whatever somebody else has locked is left for the next
run rather than waited for. What a project keeps beside a session goes or stays as its foreign key says: with
PROTECT or RESTRICT the session stays, too. No refresh touches what is deleted here: it was refused since the
session ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, transaction
from django.db.models import PROTECT, RESTRICT, Exists, OuterRef
from django.db.models.deletion import Collector
from django.db.models.functions import Now

from jotpass.auth.feed import LOOK_BACK
from jotpass.auth.models import Revocation, Session, TokenFamily, session_database
from jotpass.auth.revocation import SLACK, earlier_clock
from jotpass.auth.row_locks import await_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

DEFAULT_BATCH: Final = 1000
CLOCKS_DIFFER: Final = timedelta(days=1)
"""How far a server's clock may be behind the database's without forgetting a revocation."""

MAX_BATCH: Final = 10_000
"""The keys of a batch are parameters of one statement, of which a database takes so many."""


_KEEPING: Final = (PROTECT, RESTRICT)


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
    return Flushable(ended_sessions().count(), ended_revocations().count())


def flush(batch: int = DEFAULT_BATCH) -> Iterator[int]:
    """Delete, and yield after each batch how many sessions or revocations went with it.

    Args:
        batch: Rows at a time, at most MAX_BATCH.
    """
    yield from _in_batches(ended_sessions, "expires_at", batch, _delete_sessions)
    yield from _in_batches(ended_revocations, "until", batch, _delete_revocations)


def ended_sessions() -> QuerySet[Session]:
    """Sessions that are past their absolute expiry, in the order of its index."""
    using = session_database()
    ended = Session.objects.using(using).filter(expires_at__lt=Now() - SLACK)
    for model, path in ((Session, ""), (TokenFamily, "__session")):
        for relation in _foreign_relations(model):
            if relation.on_delete in _KEEPING:
                keepers = relation.related_model._base_manager.using(using)
                ended = ended.exclude(Exists(keepers.filter(**{relation.field.name + path: OuterRef("pk")})))
    return ended.order_by("expires_at")


def ended_revocations() -> QuerySet[Revocation]:
    """Revocations under which no access token can be alive, in the order of the index on their end.

    Each server judges by its own clock whether one has ended, so they are kept for those that are behind.
    """
    # What takes a revocation back has ended when it is written, and every process has yet to read it.
    read_by_all = earlier_clock(timedelta(seconds=2 * LOOK_BACK))
    rows = Revocation.objects.using(session_database())
    return rows.filter(until__lt=earlier_clock(CLOCKS_DIFFER), recorded_at__lt=read_by_all).order_by("until")


def _in_batches(
    rows: Callable[[], QuerySet[Any]],
    moment: str,
    batch: int,
    delete: Callable[[list[Any]], int],
) -> Iterator[int]:
    using = session_database()
    features = connections[using].features
    skips = features.has_select_for_update_skip_locked and features.supports_select_for_update_with_limit
    since: datetime | None = None
    while True:
        # From where the last batch ended: before it, the index is full of what awaits a vacuum.
        remaining = rows().filter(**{f"{moment}__gte": since} if since else {})
        if skips:
            with transaction.atomic(using=using):
                found = _first(remaining.select_for_update(skip_locked=True), moment, batch)
                deleted = delete([key for key, _ in found])
        else:
            # Read before the transaction: one that begins with a read may lose its turn to write.
            found = _first(remaining, moment, batch)
            with transaction.atomic(using=using):
                deleted = delete([key for key, _ in found])
        if not found:
            return
        since = found[-1][1]
        yield deleted


def _first(rows: QuerySet[Any], moment: str, batch: int) -> list[tuple[Any, datetime]]:
    return list(rows.values_list("pk", moment)[:batch])


def _delete_sessions(keys: list[Any]) -> int:
    _delete_dependents(keys)
    # Past Django's collector: it would load every row, and send the signal by which a deletion is recorded as
    # a revocation. Nothing is alive here that could need one.
    _delete(TokenFamily.objects.filter(session_id__in=keys))
    return _delete(Session.objects.filter(pk__in=keys))


def _delete_dependents(keys: list[Any]) -> None:
    """Do with the rows of the project that point at these sessions what Django would do."""
    if not (_foreign_relations(Session) or _foreign_relations(TokenFamily)):
        return
    using = session_database()
    doomed = Session.objects.using(using).filter(pk__in=keys)
    await_turn(doomed, "label")
    collector = Collector(using=using)
    collector.collect(doomed)
    for ours in (Session, TokenFamily):
        collector.data.pop(ours, None)
    collector.delete()


def _foreign_relations(model: Any) -> list[Any]:
    """Return the relations by which models that are not ours point at one of ours."""
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_one or relation.one_to_many)
        and relation.related_model is not TokenFamily
    ]


def _delete_revocations(keys: list[Any]) -> int:
    return _delete(Revocation.objects.filter(pk__in=keys))


def _delete(rows: Any) -> int:
    return rows.using(session_database())._raw_delete(session_database())  # type: ignore[no-any-return]  # noqa: SLF001 (DELETE, and nothing else)
