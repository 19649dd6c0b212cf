"""Flushing sessions that rows of the project point at: each goes or stays as its foreign key says."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.functions import Now

from jotpass.auth.flush import count_flushable, flush
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.sessions import start_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def pointing_at(target: type[models.Model], on_delete: Callable[..., None]) -> Iterator[Any]:
    """A model of the project with a foreign key, and its table."""
    key = models.ForeignKey(target, on_delete=on_delete, null=True, related_name="+")
    meta = type("Meta", (), {"app_label": "jotpass", "db_table": "project_note"})
    note: Any = type("Note", (models.Model,), {"__module__": __name__, "Meta": meta, "about": key})
    with connection.schema_editor() as editor:
        editor.create_model(note)
    try:
        yield note
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(note)
        del apps.all_models["jotpass"]["note"]
        apps.clear_cache()


@pytest.mark.parametrize("target", [Session, TokenFamily])
@pytest.mark.parametrize(
    ("on_delete", "flushed", "notes", "of_whom"),
    [
        (models.CASCADE, 4, 0, 0),
        (models.SET_NULL, 4, 1, 0),
        (models.PROTECT, 3, 1, 1),
        (models.RESTRICT, 3, 1, 1),
    ],
)
def test_what_points_at_a_session_goes_or_stays_as_it_says(
    user: Any, *, target: Any, on_delete: Any, flushed: int, notes: int, of_whom: int
) -> None:
    """In every batch, and nothing else is held up by it; nothing is recorded as revoked."""
    for _ in range(4):
        start_session(user)
    Session.objects.update(expires_at=Now() - timedelta(days=1))
    live = start_session(user)
    with pointing_at(target, on_delete) as note:
        note.objects.create(about=target.objects.order_by("pk").first())
        assert count_flushable().sessions == flushed
        assert sum(flush(batch=2)) == flushed
        assert note.objects.count() == notes
        assert note.objects.exclude(about=None).count() == of_whom
        assert Session.objects.filter(sid=live.session_id).exists()
        assert Session.objects.count() == TokenFamily.objects.count() == 5 - flushed
        assert not Revocation.objects.exists()
        assert list(flush()) == []
        note.objects.all().delete()
