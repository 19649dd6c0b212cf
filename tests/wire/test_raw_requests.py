"""Requests written byte by byte onto a socket of a running server, as broken and hostile clients do."""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator

CREDENTIALS = json.dumps({"username": "vitor", "password": "123"}).encode()
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[program.Server]:
    """One demo for all of them."""
    with program.running(tmp_path_factory.mktemp("demo"), "demo") as server:
        yield server


def _request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def _answers(demo: program.Server, *sent: bytes, methods: str = "POST", hang_up: bool = False) -> list[Any]:
    """Write the parts one after the other; read as many answers as there are methods."""
    with socket.create_connection(("127.0.0.1", demo.port), timeout=program.SECONDS) as wire:
        for number, part in enumerate(sent):
            if number:
                time.sleep(0.05)  # apart, so that the server meets them apart
            wire.sendall(part)
        if hang_up:
            wire.shutdown(socket.SHUT_WR)
        found = []
        stream = wire.makefile("rb")
        for method in methods.split():
            answer = http.client.HTTPResponse(_Kept(stream), method=method)  # type: ignore[arg-type]
            answer.begin()
            found.append((answer.status, answer.read()))
        stream.close()
    return found


class _Kept:
    """A stream that `http.client` may take from, one answer after the other."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def makefile(self, mode: str) -> Any:
        """Hand out the one stream, without letting the answer close it."""
        kept = self._stream
        return type("Stream", (), {"close": lambda _: None, "__getattr__": lambda _, n: getattr(kept, n)})()


def _code(answer: tuple[int, bytes]) -> tuple[int, str]:
    status, body = answer
    return status, json.loads(body)["code"]


def test_chunks_are_read(demo: program.Server) -> None:
    """A body in chunks is as good as one with a length."""
    body = _chunks(CREDENTIALS[:7], CREDENTIALS[7:])
    (answer,) = _answers(demo, _request("POST", "/api/token/", JSON, "Transfer-Encoding: chunked", body=body))
    assert answer[0] == 200
    assert json.loads(answer[1]).keys() == {"access", "refresh", "expires_in"}


def test_too_many_chunks_are_413(demo: program.Server) -> None:
    """The limit of a body holds for chunks."""
    body = _chunks(*[b"x" * 60_000] * 4)
    (answer,) = _answers(demo, _request("POST", "/api/token/", JSON, "Transfer-Encoding: chunked", body=body))
    assert _code(answer) == (413, "request_too_large")


def test_broken_chunks_sign_nobody_in(demo: program.Server) -> None:
    """Chunks that are none end in a 4xx."""
    (answer,) = _answers(
        demo,
        _request("POST", "/api/token/", JSON, "Transfer-Encoding: chunked", body=b"zz\r\n"),
        hang_up=True,
    )
    assert _code(answer) == (400, "malformed_request")


def test_half_a_body_signs_nobody_in(demo: program.Server) -> None:
    """Who hangs up before the announced length has asked for nothing, even if what came reads well."""
    request = _request(
        "POST", "/api/token/", JSON, f"Content-Length: {len(CREDENTIALS) + 1}", body=CREDENTIALS
    )
    (answer,) = _answers(demo, request, hang_up=True)
    assert _code(answer) == (400, "malformed_request")


def test_a_slow_body_is_waited_for(demo: program.Server) -> None:
    """A body in many small pieces is one body, up to the limit."""
    body = CREDENTIALS[:-1] + b" " * (64 * 1024 - len(CREDENTIALS)) + b"}"
    pieces = [body[start : start + 8000] for start in range(0, len(body), 8000)]
    (answer,) = _answers(demo, _request("POST", "/api/token/", JSON, f"Content-Length: {len(body)}"), *pieces)
    assert answer[0] == 200


def test_two_lengths_are_refused(demo: program.Server) -> None:
    """Two lengths that differ are how requests are smuggled: 400, whoever answers it (RFC 9112 s6.3)."""
    lengths = ("Content-Length: 5", f"Content-Length: {len(CREDENTIALS)}")
    (answer,) = _answers(demo, _request("POST", "/api/token/", JSON, *lengths, body=CREDENTIALS))
    assert answer[0] == 400


def test_two_authorizations_are_malformed(demo: program.Server) -> None:
    """Of two Authorization headers none is chosen."""
    live = f"Authorization: Bearer {demo.sign_in()['access']}"
    for headers in ((live, live), (live, "Authorization: Basic dml0b3I6MTIz")):
        (answer,) = _answers(demo, _request("GET", "/api/session/", *headers), methods="GET")
        assert _code(answer) == (401, "token_malformed")


def test_no_other_header_becomes_the_credential(demo: program.Server) -> None:
    """Underscores do not make an Authorization header out of another one."""
    token = demo.sign_in()["access"]
    headers = (f"HTTP_AUTHORIZATION: Bearer {token}", f"Authorization_: Bearer {token}")
    (answer,) = _answers(demo, _request("GET", "/api/session/", *headers), methods="GET")
    assert _code(answer) == (401, "token_missing")


def test_one_connection_serves_many_requests(demo: program.Server) -> None:
    """Requests written all at once are answered in order; HEAD and 413 leave the connection in step."""
    signing_in = _request(
        "POST", "/api/token/", JSON, f"Content-Length: {len(CREDENTIALS)}", body=CREDENTIALS
    )
    large = _request("POST", "/api/token/", JSON, "Content-Length: 70000", body=b"x" * 70_000)
    asking = _request("GET", "/api/session/")
    head = _request("HEAD", "/api/session/")
    sent = b"".join([signing_in, head, large, asking, signing_in])
    answers = _answers(demo, sent, methods="POST HEAD POST GET POST")
    assert [status for status, _ in answers] == [200, 401, 413, 401, 200]
    assert answers[1][1] == b""
    assert _code(answers[3]) == (401, "token_missing")


def test_a_kept_connection_goes_through_a_session(demo: program.Server) -> None:
    """An ordinary client signs in, refreshes and signs out over one connection."""
    wire = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=program.SECONDS)

    def post(path: str, body: object) -> tuple[int, bytes]:
        wire.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = wire.getresponse()
        return answer.status, answer.read()

    pair = json.loads(post("/api/token/", {"username": "vitor", "password": "123"})[1])
    status, body = post("/api/token/refresh/", {"refresh": pair["refresh"]})
    assert status == 200
    assert post("/api/logout/", {"refresh": json.loads(body)["refresh"]}) == (204, b"")
    assert post("/api/token/refresh/", {"refresh": pair["refresh"]})[0] == 401
    wire.close()


def test_a_refusal_that_reads_no_body_keeps_the_connection(demo: program.Server) -> None:
    """Who is refused by the header alone can go on over the same connection (RFC 9112 s9.3)."""
    wire = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=program.SECONDS)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer a.b.c"}
    wire.connect()
    opened = wire.sock
    for _ in range(20):
        # A text body is sent after the headers, in a packet of its own.
        wire.request("POST", "/api/session/reauthenticate/", body='{"password": "x"}', headers=headers)
        answer = wire.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (401, "token_malformed")
        assert wire.sock is opened
    wire.close()
