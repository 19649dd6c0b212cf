"""PostgreSQL is read-only for a while, as it is in the middle of a failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from tests.faults.service import service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.service import Service
    from tests.servers.postgresql import PostgresServer


def let_writes(running: Service, allowed: str) -> None:
    """Change it for every connection, those that are open included: these end."""
    with psycopg.connect(running.dsn, autocommit=True) as operator:
        name = operator.info.dbname
        operator.execute("SET default_transaction_read_only = off")
        operator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {allowed}".encode())
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )


def test_a_read_only_database_is_503_and_nobody_is_signed_out(
    tmp_path: Path, postgresql_server: PostgresServer
) -> None:
    """Whatever writes is 503, what reads is answered; afterwards the same tokens work."""
    with service(tmp_path, postgresql_server, {}, workers=1) as running:
        [pair] = running.sign_in("ada")
        let_writes(running, "on")
        refresh = {"refresh": pair["refresh"]}
        for path, body in (
            ("/api/token/refresh/", refresh),
            ("/api/token/revoke/", {"token": pair["access"]}),
            ("/api/logout/", refresh),
        ):
            answer = running.server.call("POST", path, body)
            assert (answer.status, answer.json["code"]) == (503, "service_unavailable"), path
            assert int(answer.headers["Retry-After"]) > 0
        assert running.server.call("GET", "/api/sessions/", bearer=pair["access"]).status == 200
        let_writes(running, "off")
        assert running.server.call("POST", "/api/token/refresh/", refresh).status == 200
