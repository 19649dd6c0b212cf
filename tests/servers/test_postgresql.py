"""The PostgreSQL that the tests bring along is a real one, and each database that it hands out is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.servers.postgresql import PostgresServer


def test_the_server_answers_sql(postgresql_server: PostgresServer) -> None:
    """A client reaches the server through its socket, and it is PostgreSQL."""
    with psycopg.connect(postgresql_server.dsn()) as connection:
        row = connection.execute("SELECT version()").fetchone()
    assert row is not None
    assert row[0].startswith("PostgreSQL 18")


def test_databases_are_apart(postgresql_server: PostgresServer) -> None:
    """What one fresh database holds, another does not see."""
    one, other = postgresql_server.create_database(), postgresql_server.create_database()
    with psycopg.connect(postgresql_server.dsn(one)) as connection:
        connection.execute("CREATE TABLE only_here ()")
    with psycopg.connect(postgresql_server.dsn(other)) as connection:
        row = connection.execute("SELECT to_regclass('only_here')").fetchone()
    assert row == (None,)
    postgresql_server.drop_database(one)
    postgresql_server.drop_database(other)


def test_the_url_is_understood_by_libpq(postgresql_url: str) -> None:
    """The URL that server processes are given names a database that exists."""
    with psycopg.connect(postgresql_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
