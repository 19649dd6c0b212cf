"""Hostile requests over a real socket: a clear error with a stable code, never a 500."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.http_server import Answer

POSTED = (
    "/api/token/",
    "/api/token/refresh/",
    "/api/token/verify/",
    "/api/token/revoke/",
    "/api/logout/",
    "/api/session/reauthenticate/",
)
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"[" * 30_000,
    b'{"username": ["vitor"], "password": {}}',
    b'{"username": "vi\\u0000tor", "password": "1\\u00002"}',
    b'{"username": "\\ud800", "password": "\\udfff", "refresh": "\\ud800", "token": "\\udfff"}',
    b'{"username": "' + b"a" * 60_000 + b'", "password": "x", "refresh": "", "token": 7}',
    b'{"refresh": "e30.e30.e30", "token": "e30.e30.e30", "scope": "everything"}',
    b'{"refresh": NaN, "token": Infinity, "username": 1e999}',
    b"\xff\xfe{\x00}\x00",
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[program.Server]:
    """One demo for all of them."""
    with program.running(tmp_path_factory.mktemp("demo"), "demo") as server:
        yield server


def assert_refused(answer: Answer) -> None:
    """A client error in the one shape."""
    assert 400 <= answer.status < 500, answer
    assert isinstance(answer.json["code"], str)
    assert isinstance(answer.json["detail"], str)


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("body", BODIES)
def test_an_odd_body_is_refused(demo: program.Server, path: str, body: bytes) -> None:
    """Whatever the body: refused with a code, or (where every string is welcome) answered; never a 5xx."""
    answer = demo.call("POST", path, body)
    if answer.status not in {200, 204}:
        assert_refused(answer)
    assert path in {"/api/token/revoke/", "/api/logout/"} or answer.status >= 400


@pytest.mark.parametrize("path", POSTED[:4])
def test_a_token_of_5_megabytes_is_too_large(demo: program.Server, path: str) -> None:
    """413, and the answer arrives although the client was still sending."""
    answer = demo.call(
        "POST", path, {"token": "a" * 5_000_000, "refresh": "a", "username": "a", "password": "a"}
    )
    assert (answer.status, answer.json["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data", "", "/;;="])
def test_a_foreign_content_type_is_415(demo: program.Server, content_type: str) -> None:
    """Sign-in speaks JSON alone."""
    answer = demo.call("POST", "/api/token/", b"a=b", headers={"Content-Type": content_type})
    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "TRACE"])
def test_another_method_is_405(demo: program.Server, path: str, method: str) -> None:
    """What is posted to is not read."""
    answer = demo.call(method, path)
    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_header_of_100_kilobytes_is_401(demo: program.Server) -> None:
    """Such a token is malformed, whatever it holds."""
    answer = demo.call("GET", "/api/hello/", bearer="a" * 100_000)
    assert (answer.status, answer.json["code"]) == (401, "token_malformed")


def test_a_header_of_5_megabytes_may_close_the_connection(demo: program.Server) -> None:
    """Beyond the server's limit there may be no answer; the server itself goes on."""
    with socket.create_connection(("127.0.0.1", demo.port), timeout=program.SECONDS) as wire:
        try:
            wire.sendall(
                b"GET /api/hello/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + b"a" * 5_000_000
            )
            answer = wire.recv(4096)
        except ConnectionError:
            answer = b""
    assert not answer.startswith(b"HTTP/1.1 5")
    assert demo.call("GET", "/").status == 200


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_has_no_case(demo: program.Server, scheme: str) -> None:
    """RFC 9110 s11.1."""
    access = demo.sign_in()["access"]
    answer = demo.call("GET", "/api/hello/", headers={"Authorization": f"{scheme} {access}"})
    assert answer.status == 200


@pytest.mark.parametrize(
    "header", ["Bearer a b", "Bearer", "Bearer \xe9", "Bearer e30.e30.e30", "Bearer " + "." * 99]
)
def test_an_odd_header_is_401(demo: program.Server, header: str) -> None:
    """A credential that cannot be read is a 401 that names the scheme."""
    answer = demo.call(
        "GET", "/api/hello/", headers={"Authorization": header.encode("latin-1").decode("latin-1")}
    )
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    "path",
    ["/api/token", "/api/%00/", "/api/sessions/%ff/", "/api/sessions/0/", "/api/../admin/../api/x", "/api//"],
)
def test_an_odd_path_is_no_500(demo: program.Server, path: str) -> None:
    """Paths that lead nowhere, however spelled."""
    assert demo.call("DELETE", path).status in {301, 400, 401, 404, 405}
