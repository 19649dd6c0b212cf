"""`jotpass-digest-outstanding` says how far it has come."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db.models import TextField, Value
from django.utils.timezone import now
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Terminal(io.StringIO):
    """A screen."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def in_clear(db: None) -> QuerySet[OutstandingToken]:
    """Five rows of the incumbent: the column holds the token itself."""
    OutstandingToken.objects.bulk_create(
        OutstandingToken(jti=str(number), token="", expires_at=now()) for number in range(5)
    )
    rows = OutstandingToken.objects.all()
    # Past the column, which would write digests.
    rows.update(token=Value("header.payload.signature", TextField()))
    return rows


def run(screen: io.StringIO, **options: Any) -> str:
    """What the command prints."""
    call_command("jotpass-digest-outstanding", stdout=screen, batch_size=2, **options)
    return screen.getvalue()


def test_a_bar_on_a_terminal(in_clear: QuerySet[OutstandingToken]) -> None:
    """It grows in its place, and its line ends with the last row."""
    bars = run(Terminal()).split("\r")[1:]
    assert [bar.count("#") for bar in bars] == [12, 24, 30]
    assert bars[0] == "[############..................] 2 of 5"
    assert bars[-1].splitlines() == [f"[{'#' * 30}] 5 of 5", "5 tokens replaced by their digests"]


def test_a_line_for_each_batch_elsewhere(in_clear: QuerySet[OutstandingToken]) -> None:
    """A log has no use for a bar."""
    lines = run(io.StringIO()).splitlines()
    assert lines == ["2 of 5", "4 of 5", "5 of 5", "5 tokens replaced by their digests"]
    assert all(row.token.startswith("sha256:") for row in in_clear.all())


def test_nothing_where_nothing_is_wanted(in_clear: QuerySet[OutstandingToken]) -> None:
    """--verbosity 0 is quiet, and does the same."""
    assert run(Terminal(), verbosity=0) == ""
    assert all(row.token.startswith("sha256:") for row in in_clear.all())
