"""The disk of an SQLite database is full: what must be written is 503, what can be told is told."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from tests.server import program

if TYPE_CHECKING:
    from pathlib import Path


def let_files_grow(server: program.Server, *, to: int) -> None:
    """Let the workers write no file beyond so many bytes."""
    for worker in server.workers():
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (to, resource.RLIM_INFINITY))


def test_a_full_disk_is_503_and_nobody_is_signed_out(tmp_path: Path) -> None:
    """Nothing can be written, not even the log; once there is room again everybody goes on."""
    with program.running(tmp_path, "demo") as server:
        pair = server.sign_in()
        let_files_grow(server, to=0)
        for path, body in (
            ("/api/token/", {"username": "vitor", "password": "123"}),
            ("/api/token/refresh/", {"refresh": pair["refresh"]}),
            ("/api/token/revoke/", {"token": pair["access"]}),
            ("/api/logout/", {"refresh": pair["refresh"]}),
        ):
            answer = server.call("POST", path, body)
            assert (answer.status, answer.json["code"]) == (503, "service_unavailable"), path
            assert int(answer.headers["Retry-After"]) > 0
        assert server.call("GET", "/api/sessions/", bearer=pair["access"]).status == 200
        let_files_grow(server, to=resource.RLIM_INFINITY)
        assert server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}).status == 200
