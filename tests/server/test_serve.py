"""`jotpass serve`: what it refuses, how it migrates, what it answers when the database does not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.server import program
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgresServer, postgresql

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.servers.http_server import Answer

SAFE = {
    "JOTPASS_SECRET_KEY": program.SECRET,
    "JOTPASS_ALLOWED_HOSTS": "127.0.0.1",
    "JOTPASS_ISSUER": "https://id.example",
    "JOTPASS_AUDIENCE": "https://id.example",
}
CREDENTIALS = {"username": "ada", "password": "correct horse"}
UNAVAILABLE = {"detail", "code"}


def create_user(folder: Path, **variables: str) -> None:
    """Create the user of these tests by a management command, as an operator does."""
    made = program.run(
        folder,
        *("manage", "createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.org"),
        DJANGO_SUPERUSER_PASSWORD=CREDENTIALS["password"],
        **variables,
    )
    assert made.returncode == 0, made.stderr


def assert_unavailable(answer: Answer) -> None:
    """The one shape of an error, 503, and when to come back."""
    assert answer.status == 503, answer.body
    assert answer.json["code"] == "service_unavailable"
    assert set(answer.json) == UNAVAILABLE
    assert int(answer.headers["Retry-After"]) > 0


# --- refusals -----------------------------------------------------------------------------------------------


def test_without_configuration_it_says_everything_that_is_missing(tmp_path: Path) -> None:
    """All reasons at once, exit code 1, nothing written, nothing listening."""
    port = free_port()
    refused = program.run(tmp_path, "serve", "--port", str(port))
    assert refused.returncode == 1
    assert "JOTPASS_SECRET_KEY is not set" in refused.stderr
    assert "JOTPASS_ALLOWED_HOSTS is not set" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("JOTPASS_SECRET_KEY", "django-insecure-" + program.SECRET, "JOTPASS_SECRET_KEY is a placeholder"),
        ("JOTPASS_SECRET_KEY", "short", "JOTPASS_SECRET_KEY can be guessed"),
        ("JOTPASS_ALLOWED_HOSTS", "*", "JOTPASS_ALLOWED_HOSTS is '*'"),
        ("JOTPASS_DEBUG", "1", "JOTPASS_DEBUG is on"),
        ("JOTPASS_THREADS", "many", 'variable "JOTPASS_THREADS" invalid'),
        ("JOTPASS_DATABASE_URL", "mysql://db.example/x", "neither SQLite nor PostgreSQL"),
        ("JOTPASS_REFRESH_REUSE_GRACE", "3600", "REFRESH_REUSE_GRACE"),
    ],
)
def test_an_unsafe_setting_is_refused(tmp_path: Path, name: str, value: str, why: str) -> None:
    """It does not start, and says why in words."""
    variables = SAFE | {name: value}
    refused = program.run(tmp_path, "serve", "--port", str(free_port()), **variables)
    assert refused.returncode == 1
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_secret_of_a_demo_is_no_secret_of_a_server(tmp_path: Path) -> None:
    """A key that a demo has kept in the folder is not taken for the configuration."""
    with program.running(tmp_path, "demo"):
        pass
    refused = program.run(tmp_path, "serve", "--port", str(free_port()), JOTPASS_ALLOWED_HOSTS="x.example")
    assert refused.returncode == 1
    assert "JOTPASS_SECRET_KEY is not set" in refused.stderr


def test_a_database_that_is_not_up_to_date_is_refused(tmp_path: Path) -> None:
    """It says what to run; having run that, it starts."""
    refused = program.run(tmp_path, "serve", "--port", str(free_port()), **SAFE)
    assert refused.returncode == 1
    assert "run `jotpass manage migrate`, or start with --migrate" in refused.stderr
    assert program.run(tmp_path, "manage", "migrate", **SAFE).returncode == 0
    with program.running(tmp_path, "serve", **SAFE) as server:
        assert server.call("GET", "/api/session/").json["code"] == "token_missing"


def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    """No traceback, and no password in the message."""
    url = f"postgres://ada:hidden-word@127.0.0.1:{free_port()}/jotpass"
    variables = SAFE | {"JOTPASS_DATABASE_URL": url, "JOTPASS_DATABASE_TIMEOUT": "0.5"}
    refused = program.run(tmp_path, "serve", "--port", str(free_port()), **variables)
    assert refused.returncode == 1
    assert "the database is not available" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "hidden-word" not in refused.stderr


def test_more_connections_than_the_database_gives_are_refused(tmp_path: Path, postgresql_url: str) -> None:
    """Workers times connections is counted before the first request, not found out under load."""
    variables = SAFE | {"JOTPASS_DATABASE_URL": postgresql_url, "JOTPASS_THREADS": "100"}
    refused = program.run(
        tmp_path, "serve", "--migrate", "--workers", "4", "--port", str(free_port()), **variables
    )
    assert refused.returncode == 1
    assert "4 workers of 100 connections want 400" in refused.stderr


# --- serving ------------------------------------------------------------------------------------------------


def test_a_sign_out_reaches_every_worker(tmp_path: Path) -> None:
    """Two workers on SQLite, migrated once: both know the session, and soon both know that it ended.

    The audit log of both has a line of JSON for each event.
    """
    audit_log = tmp_path / "audit.log"
    variables = SAFE | {"JOTPASS_AUDIT_LOG": str(audit_log)}
    with program.running(tmp_path, "serve", "--migrate", "--workers", "2", **variables) as server:
        create_user(tmp_path, **SAFE)
        program.until(lambda: len(server.workers()) == 2)
        pair = server.sign_in(**CREDENTIALS)

        def statuses() -> set[int]:
            calls = (server.call("GET", "/api/session/", bearer=pair["access"]) for _ in range(20))
            return {answer.status for answer in calls}

        assert statuses() == {200}
        assert server.call("POST", "/api/logout/", bearer=pair["access"]).status == 204
        program.until(lambda: statuses() == {401})
        assert f"Jotpass serves {server.origin} with 2 workers." in server.output
        assert "jotpass.W020" in server.output
        told = [json.loads(line) for line in audit_log.read_text(encoding="utf-8").splitlines()]
        assert [line["event"] for line in told] == ["signed_in", "revoked", "signed_out"]
        assert {line["address"] for line in told} == {"127.0.0.1"}


def test_two_servers_migrate_one_after_the_other(tmp_path: Path, postgresql_url: str) -> None:
    """On PostgreSQL an advisory lock lets one migrate while the other waits; then both serve."""
    variables = SAFE | {"JOTPASS_DATABASE_URL": postgresql_url}

    def migrate(number: int) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        with program.running(folder, "serve", "--migrate", **variables) as server:
            assert server.call("GET", "/api/session/").status == 401
        return program.run(folder, "manage", "migrate", "--check", **variables)

    with ThreadPoolExecutor() as pool:
        assert [done.returncode for done in pool.map(migrate, range(2))] == [0, 0]


def test_a_cookie_of_the_admin_is_for_https_alone(tmp_path: Path) -> None:
    """Security settings are on: Secure cookies, no framing, no sniffing; the root has no page."""
    with program.running(tmp_path, "serve", "--migrate", **SAFE) as server:
        page = server.call("GET", "/admin/login/")
        assert "; Secure" in page.headers["Set-Cookie"]
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Strict-Transport-Security"] is None
        assert server.call("GET", "/").status == 404
        assert server.call("GET", "/api/hello/").json["code"] == "not_found"


@pytest.mark.parametrize(
    ("proxies", "address", "promise"),
    [
        ("", "127.0.0.1", None),
        ("10.0.0.0/8", "127.0.0.1", None),
        ("127.0.0.1", "203.0.113.7", "max-age=3600"),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    tmp_path: Path, proxies: str, address: str, promise: str | None
) -> None:
    """X-Forwarded-For and X-Forwarded-Proto count from a named proxy alone: its nearest address."""
    variables = SAFE | {"JOTPASS_HSTS_SECONDS": "3600", "JOTPASS_TRUSTED_PROXIES": proxies}
    forwarded = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto": "https"}
    with program.running(tmp_path, "serve", "--migrate", **variables) as server:
        create_user(tmp_path, **variables)
        answer = server.call("POST", "/api/token/", CREDENTIALS, headers=forwarded)
        assert answer.headers["Strict-Transport-Security"] == promise
        [session] = server.call("GET", "/api/sessions/", bearer=answer.json["access"]).json
        assert session["address"] == address


# --- when the database does not answer ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL of this module's own, to be shut off."""
    with postgresql() as server:
        yield server


@contextlib.contextmanager
def served(tmp_path: Path, database: PostgresServer, **more: str) -> Iterator[tuple[program.Server, str]]:
    """A server on a fresh PostgreSQL database that has a user; and the name of that database."""
    name = database.create_database()
    variables = SAFE | {"JOTPASS_DATABASE_URL": database.url(name), "JOTPASS_DATABASE_TIMEOUT": "0.5"} | more
    with program.running(tmp_path, "serve", "--migrate", **variables) as server:
        create_user(tmp_path, **variables)
        yield server, name
    database.drop_database(name)


def test_a_database_that_goes_away_is_503_and_comes_back(tmp_path: Path, database: PostgresServer) -> None:
    """Every path answers in its shape while PostgreSQL refuses connections, and recovers by itself."""
    with served(tmp_path, database) as (server, name):
        pair = server.sign_in(**CREDENTIALS)
        assert server.call("GET", "/api/sessions/", bearer=pair["access"]).status == 200
        with psycopg.connect(database.dsn(), autocommit=True) as operator:
            operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            assert_unavailable(server.call("POST", "/api/token/", CREDENTIALS))
            assert_unavailable(server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}))
            assert_unavailable(server.call("GET", "/api/sessions/", bearer=pair["access"]))
            page = server.call(
                "GET", "/admin/", headers={"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}
            )
            assert (page.status, page.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
            assert "Retry-After" in page.headers
            operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        program.until(lambda: server.call("POST", "/api/token/", CREDENTIALS).status == 200)
        assert server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}).status == 200


@contextlib.contextmanager
def held_still(database: PostgresServer, name: str) -> Iterator[None]:
    """Let nothing of PostgreSQL move that serves this database: neither who answers nor who is let in."""
    with psycopg.connect(database.dsn(), autocommit=True) as operator:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        pids = [pid for (pid,) in operator.execute(query, [name])]
    [parent] = {
        int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1]) for pid in pids
    }
    pids.append(parent)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_database_that_hangs_is_found_by_the_probe(tmp_path: Path, database: PostgresServer) -> None:
    """`/readyz` is 503 and says which part while PostgreSQL neither answers nor refuses; `/livez` is 200."""
    with served(tmp_path, database) as (server, name):
        program.until(lambda: server.call("GET", "/readyz").status == 200)
        with held_still(database, name):
            program.until(lambda: server.call("GET", "/readyz").status == 503)
            answer = server.call("GET", "/readyz")
            assert answer.json["ready"] is False
            assert answer.json["parts"]["signing_key"] == "ok"
            assert answer.json["parts"]["database"] in {"timeout", "failed"}
            assert server.call("GET", "/livez").status == 200
        program.until(lambda: server.call("GET", "/readyz").status == 200)


def test_an_exhausted_pool_is_503(tmp_path: Path, database: PostgresServer) -> None:
    """More requests than connections, all of them held up by a lock: refused in time, and none is a 500."""
    limits = {"JOTPASS_THREADS": "6", "JOTPASS_DATABASE_POOL_SIZE": "2"}
    with served(tmp_path, database, **limits) as (server, name):
        server.sign_in(**CREDENTIALS)
        with psycopg.connect(database.dsn(name)) as operator, ThreadPoolExecutor(6) as pool:
            operator.execute("LOCK TABLE auth_user IN ACCESS EXCLUSIVE MODE")
            answers = list(pool.map(lambda _: server.call("POST", "/api/token/", CREDENTIALS), range(6)))
        for answer in answers:
            assert_unavailable(answer)
        server.sign_in(**CREDENTIALS)


def test_a_locked_sqlite_database_is_503(tmp_path: Path) -> None:
    """A writer that keeps SQLite to itself: 503 after the wait, and nothing is written half."""
    variables = SAFE | {"JOTPASS_DATABASE_TIMEOUT": "0.2"}
    with program.running(tmp_path, "serve", "--migrate", **variables) as server:
        create_user(tmp_path, **variables)
        pair = server.sign_in(**CREDENTIALS)
        with contextlib.closing(sqlite3.connect(tmp_path / ".jotpass" / "db.sqlite3")) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            assert_unavailable(server.call("POST", "/api/token/", CREDENTIALS))
            assert_unavailable(server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}))
            writer.rollback()
            [sessions] = writer.execute("SELECT count(*) FROM jotpass_session").fetchone()
            assert sessions == 1
        assert server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}).status == 200
