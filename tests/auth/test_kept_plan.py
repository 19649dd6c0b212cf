"""Plans that PostgreSQL keeps: the same rows, whatever becomes of connection, tables and pooler."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import dj_database_url
import pytest
from django.db import transaction
from django.db.utils import ConnectionHandler
from django.test.utils import CaptureQueriesContext

from jotpass.auth.kept_plan import USES_BEFORE, KeptPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOK = "SELECT title FROM book WHERE id = %s"


@pytest.fixture
def connection(transactional_db: None, postgresql_url: str) -> Iterator[Any]:
    """A connection of its own to a database with books."""
    with closing(connect(postgresql_url)) as opened:
        with opened.cursor() as cursor:
            cursor.execute("CREATE TABLE book (id bigint PRIMARY KEY, title text)")
            cursor.execute("INSERT INTO book VALUES (1, 'Emma'), (2, 'Persuasion')")
        yield opened


def connect(url: str, **settings: Any) -> Any:
    """A connection by these settings."""
    return ConnectionHandler({"default": dj_database_url.parse(url) | settings})["default"]


def read(plan: KeptPlan, connection: Any, key: int = 1) -> Any:
    """Run it, and take the first column of the one row."""
    with connection.cursor() as cursor:
        plan.run(cursor, connection, [key])
        row = cursor.fetchone()
    return row and row[0]


def worn(connection: Any, sql: str = BOOK) -> KeptPlan:
    """A statement that was used until its plan was kept."""
    plan = KeptPlan(sql)
    for _ in range(USES_BEFORE + 1):
        assert read(plan, connection) == "Emma"
    assert len(kept(connection)) == 1
    return plan


def kept(connection: Any) -> list[tuple[str, int]]:
    """The names that the server knows on this connection, and how often each was executed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, generic_plans + custom_plans FROM pg_prepared_statements")
        found: list[tuple[str, int]] = cursor.fetchall()
    return found


def test_a_plan_is_kept_from_the_sixth_use_on(connection: Any) -> None:
    """A connection that is opened for each request never pays for preparing."""
    plan = KeptPlan(BOOK)
    for _ in range(USES_BEFORE):
        assert read(plan, connection) == "Emma"
    assert kept(connection) == []
    assert read(plan, connection, 2) == "Persuasion"
    assert read(plan, connection, 3) is None
    ((name, executed),) = kept(connection)
    assert name.startswith("jotpass_")
    assert executed == 2


def test_preparing_is_no_statement_of_the_projects(connection: Any) -> None:
    """Who counts or watches statements sees one each time."""
    plan = KeptPlan(BOOK)
    with CaptureQueriesContext(connection) as captured:
        for _ in range(USES_BEFORE + 3):
            read(plan, connection)
    assert len(captured) == USES_BEFORE + 3


def test_an_update_tells_how_many_rows_it_changed(connection: Any) -> None:
    """By name as in full."""
    plan = KeptPlan("UPDATE book SET title = %s WHERE id = %s AND title = %s")
    with connection.cursor() as cursor:
        for number in range(10):
            plan.run(cursor, connection, [f"{number + 1}", 1, f"{number}" if number else "Emma"])
            assert cursor.rowcount == 1
            plan.run(cursor, connection, [f"{number + 1}", 1, "Emma"])
            assert cursor.rowcount == 0
    ((_, executed),) = kept(connection)
    assert executed == 20 - USES_BEFORE


def test_a_transaction_gets_the_statement_itself(connection: Any) -> None:
    """A name that the server does not know would abort it."""
    plan = worn(connection)
    ((_, before),) = kept(connection)
    connection.set_autocommit(False)
    assert read(plan, connection) == "Emma"
    connection.rollback()
    connection.set_autocommit(True)
    assert [executed for _, executed in kept(connection)] == [before]


def test_an_atomic_block_gets_the_statement_itself(transactional_db: None) -> None:
    """So no savepoint is needed around it, on any database."""
    from django.db import connection  # noqa: PLC0415 (the host project's, not the fixture)

    plan = KeptPlan("SELECT %s")
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        for _ in range(USES_BEFORE + 3):
            assert str(read(plan, connection, 7)) == "7"
    assert not any("EXECUTE" in query["sql"] for query in captured.captured_queries)


def test_a_server_that_forgets_is_not_asked_again(connection: Any) -> None:
    """Behind a pooler the connection is another one's next time: the caller notices nothing."""
    plan = worn(connection)
    with connection.cursor() as cursor:
        cursor.execute("DISCARD ALL")
    for _ in range(2 * USES_BEFORE):
        assert read(plan, connection) == "Emma"
    assert kept(connection) == []


def test_a_table_that_has_changed_is_read_anew(connection: Any) -> None:
    """A migration that runs beside the server changes the type of a column."""
    plan = worn(connection)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE book ALTER title TYPE varchar(50)")
    for _ in range(2 * USES_BEFORE):
        assert read(plan, connection, 2) == "Persuasion"


def test_the_search_path_of_the_moment_counts(connection: Any) -> None:
    """Projects with a schema for each tenant change it between requests."""
    plan = worn(connection)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA tenant")
        cursor.execute("CREATE TABLE tenant.book (id bigint PRIMARY KEY, title text)")
        cursor.execute("INSERT INTO tenant.book VALUES (1, 'Lady Susan')")
        cursor.execute("SET search_path TO tenant")
    assert read(plan, connection) == "Lady Susan"
    with connection.cursor() as cursor:
        cursor.execute("SET search_path TO public")
    assert read(plan, connection) == "Emma"


def test_the_same_text_may_have_been_prepared_by_others(connection: Any) -> None:
    """A pooler hands one connection to many; the name tells the text."""
    worn(connection)
    again = KeptPlan(BOOK)
    for _ in range(2 * USES_BEFORE):
        assert read(again, connection) == "Emma"
    ((_, executed),) = kept(connection)
    assert executed == 1 + USES_BEFORE


def test_each_statement_has_its_own_name(connection: Any) -> None:
    """What is executed is what was meant."""
    worn(connection)
    other = KeptPlan("SELECT upper(title) FROM book WHERE id = %s")
    for _ in range(2 * USES_BEFORE):
        assert read(other, connection) == "EMMA"
    assert len(kept(connection)) == 2


def test_what_cannot_be_prepared_is_sent_as_it_is(connection: Any) -> None:
    """A statement whose percent signs are doubled for the driver."""
    plan = KeptPlan("SELECT title FROM book WHERE id = %s AND 7 %% 4 = 3")
    for _ in range(3 * USES_BEFORE):
        assert read(plan, connection) == "Emma"
    assert kept(connection) == []


@pytest.mark.parametrize(
    "settings",
    [{"DISABLE_SERVER_SIDE_CURSORS": True}, {"OPTIONS": {"server_side_binding": True}}],
    ids=lambda settings: next(iter(settings)),
)
def test_the_projects_settings_are_kept_to(
    connection: Any, postgresql_url: str, settings: dict[str, Any]
) -> None:
    """A pooler that is announced, and parameters that are bound on the server."""
    plan = KeptPlan(BOOK)
    with closing(connect(postgresql_url, **settings)) as other:
        for _ in range(2 * USES_BEFORE):
            assert read(plan, other) == "Emma"
        assert kept(other) == []
