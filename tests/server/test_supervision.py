"""The processes of a server: replaced when they die, gone when their parent is, finished before they end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jotpass.server.supervision import AddressUnavailable, Listener, reserved_address
from tests.server import program
from tests.servers.ports import free_port, listens

if TYPE_CHECKING:
    from collections.abc import Iterator

CREDENTIALS = b'{"username": "vitor", "password": "123"}'


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[program.Server]:
    """A demo of the test's own, to be hurt."""
    with program.running(tmp_path, "demo") as server:
        yield server


def alive(process_id: int) -> bool:
    """Whether a process runs (one that nobody waited for does not)."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_worker_that_dies_is_replaced(demo: program.Server) -> None:
    """After SIGKILL to the only worker another one answers, and the sessions are where they were."""
    pair = demo.sign_in()
    [worker] = demo.workers()
    os.kill(worker, signal.SIGKILL)
    program.until(lambda: demo.workers() and worker not in demo.workers())
    program.until(lambda: listens(demo.port))
    assert demo.call("GET", "/api/hello/", bearer=pair["access"]).status == 200


def test_a_worker_may_die_again_and_again(demo: program.Server) -> None:
    """However soon after the last time: who kills workers does not end the server; SIGINT does."""
    for _ in range(3):
        workers = demo.workers()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        program.until(lambda workers=workers: demo.workers() - workers)
        program.until(lambda: listens(demo.port))
    assert demo.call("GET", "/api/session/").status == 401
    assert demo.end() == 0


def test_workers_do_not_outlive_their_parent(demo: program.Server) -> None:
    """After SIGKILL to the parent its workers end by themselves, and the port is free."""
    workers = demo.workers()
    assert workers
    demo.end(signal.SIGKILL)
    program.until(lambda: not any(map(alive, workers)))
    assert not listens(demo.port)


def test_a_request_in_flight_is_finished(demo: program.Server) -> None:
    """SIGTERM while a request is being read: the rest of it is still taken, and answered."""
    head = (
        "POST /api/token/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(CREDENTIALS)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", demo.port), timeout=program.SECONDS) as wire:
        wire.sendall(head.encode())
        assert b"100 Continue" in wire.recv(4096)  # The application is reading the body now.
        demo.process.send(signal.SIGTERM)
        program.until(lambda: not listens(demo.port))
        wire.sendall(CREDENTIALS)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"access"' in answer
    assert demo.process.wait() == 0


def test_no_request_carries_a_secret(tmp_path: Path) -> None:
    """A WSGI server copies the environment into every request: the secrets have left it before."""
    script = (
        "import os; from jotpass.server.supervision import load_application; load_application();"
        "print(sorted(name for name in os.environ if name.startswith('JOTPASS_')))"
    )
    secrets = dict.fromkeys(("JOTPASS_SECRET_KEY", "JOTPASS_SECRET_KEY_FALLBACKS"), program.SECRET)
    secrets |= {
        "JOTPASS_DATABASE_URL": "sqlite:///x.sqlite3",
        "JOTPASS_REDIS_URL": "redis://:word@localhost/0",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=program.environment(JOTPASS_ISSUER="https://id.example", **secrets),
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=True,
    )
    assert done.stdout == "['JOTPASS_ISSUER']\n"


def test_the_asgi_application_answers(tmp_path: Path) -> None:
    """A server that speaks ASGI finds the same project."""
    script = """
import asyncio
from asgiref.testing import ApplicationCommunicator
from jotpass.server.asgi import application

async def main():
    headers = [(b"host", b"x.example")]
    scope = {"type": "http", "method": "GET", "path": "/.well-known/jwks.json", "headers": headers}
    wire = ApplicationCommunicator(application, scope | {"query_string": b"", "scheme": "http"})
    await wire.send_input({"type": "http.request"})
    head, body = await wire.receive_output(10), await wire.receive_output(10)
    print(head["status"], body["body"].decode())

asyncio.run(main())
"""
    variables = program.environment(JOTPASS_SECRET_KEY=program.SECRET, JOTPASS_ALLOWED_HOSTS="x.example")
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, '200 {"keys": []}\n'), done.stderr


def test_a_reserved_port_is_taken() -> None:
    """Between the first look and the first worker nobody else gets the port; afterwards anybody does."""
    port = free_port()
    with reserved_address("127.0.0.1", port) as address:
        assert address == "127.0.0.1"
        with (
            pytest.raises(AddressUnavailable, match=f"port {port} is in use"),
            reserved_address("127.0.0.1", port),
        ):
            pytest.fail("the port was reserved twice")
        assert not listens(port)
    with reserved_address("127.0.0.1", port):
        pass


def test_a_foreign_address_is_said_in_words() -> None:
    """An address of another machine, or no address at all, is an error with its reason."""
    for host in ("203.0.113.7", "no-such-host.invalid"):
        with (
            pytest.raises(AddressUnavailable, match=f"cannot listen on {host}"),
            reserved_address(host, 8000),
        ):
            pytest.fail("the address was reserved")


@pytest.mark.parametrize(
    ("host", "origin"), [("127.0.0.1", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000")]
)
def test_an_origin_can_be_typed_into_a_browser(host: str, origin: str) -> None:
    """IPv6 addresses stand in brackets (RFC 3986 s3.2.2)."""
    assert Listener(host, 8000, workers=1, threads=1).origin == origin
