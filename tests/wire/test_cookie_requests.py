"""Cookies and the browser's headers written byte by byte onto a socket, as no browser sends them."""

from __future__ import annotations

import json
import re
import socket
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME_ORIGIN = "Sec-Fetch-Site: same-origin"
HYBRID = "X-Jotpass-Transport: hybrid"
NAME = "jotpass_refresh"  # over plain http on this machine


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[program.Server]:
    """One demo for all of them."""
    folder = tmp_path_factory.mktemp("demo")
    with program.running(folder, "demo", JOTPASS_TRANSPORTS="body,hybrid,cookie") as server:
        yield server


@pytest.fixture
def refresh(demo: program.Server) -> str:
    """The refresh token of a session that has it in a cookie."""
    body = json.dumps({"username": "vitor", "password": "123"}).encode()
    status, head, _ = send(
        demo, "POST /api/token/", SAME_ORIGIN, HYBRID, "Content-Type: application/json", body=body
    )
    assert status == 200
    found = re.search(rf"(?im)^set-cookie: *{NAME}=([^;]+); .*HttpOnly.*SameSite=Strict", head)
    assert found
    assert "Secure" not in head
    return found[1]


def send(demo: program.Server, what: str, *headers: str, body: bytes = b"") -> tuple[int, str, str]:
    """Write one request; the status, head and body of its answer."""
    own = (f"Host: 127.0.0.1:{demo.port}", f"Content-Length: {len(body)}", "Connection: close")
    head = "\r\n".join([f"{what} HTTP/1.1", *own, *headers, "", ""])
    with socket.create_connection(("127.0.0.1", demo.port), timeout=program.SECONDS) as wire:
        wire.sendall(head.encode("latin-1") + body)
        answer = b"".join(iter(partial(wire.recv, 65536), b"")).decode("latin-1")
    answered, _, content = answer.partition("\r\n\r\n")
    return int(answered.split(" ", 2)[1]), answered, content


def test_the_cookie_is_exchanged(demo: program.Server, refresh: str) -> None:
    """One cookie, the two headers, no body: what a browser sends."""
    status, head, body = send(
        demo, "POST /api/token/refresh/", SAME_ORIGIN, HYBRID, f"Cookie: a=b; {NAME}={refresh}"
    )
    assert status == 200
    assert json.loads(body).keys() == {"access", "expires_in"}
    assert head.lower().count("set-cookie:") == 1


@pytest.mark.parametrize(
    "headers",
    [
        ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"),
        ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"),
        ("Sec-Fetch-Site : same-origin",),
        ("Origin: null",),
        ("Origin: null", SAME_ORIGIN),
        ("Origin: http://127.0.0.1:PORT", "Origin: https://evil.example"),
        ("Origin: http://127.0.0.1:PORT.evil.example",),
        ("Origin: http://localhost:PORT",),
        ("Origin: http://127.0.0.1",),
        ("Referer: http://127.0.0.1:PORT/",),
        (),
    ],
)
def test_no_doubtful_origin_is_trusted(demo: program.Server, refresh: str, headers: tuple[str, ...]) -> None:
    """Two that differ, null, another port, none: nothing happens."""
    sent = [header.replace("PORT", str(demo.port)) for header in headers]
    cookie = f"Cookie: {NAME}={refresh}"
    for path in ("token/refresh/", "logout/"):
        status, head, _ = send(demo, f"POST /api/{path}", HYBRID, cookie, *sent)
        assert status in {400, 403}
        assert "set-cookie" not in head.lower()
    status, _, _ = send(demo, "POST /api/token/refresh/", HYBRID, SAME_ORIGIN, cookie)
    assert status == 200


def test_an_old_browser_says_its_origin(demo: program.Server, refresh: str) -> None:
    """Our own, with the port."""
    own = f"Origin: http://127.0.0.1:{demo.port}"
    status, _, _ = send(demo, "POST /api/token/refresh/", HYBRID, own, f"Cookie: {NAME}={refresh}")
    assert status == 200


@pytest.mark.parametrize(
    "cookies",
    [
        ("{0}=TOKEN; {0}=tossed",),
        ("{0}=tossed; {0}=TOKEN",),
        ("{0}=TOKEN", "{0}=tossed"),
        ("{0}=tossed", "{0}=TOKEN"),
        ('{0}="TOKEN"',),
        ("{0}=TOKEN, {0}=tossed",),
        ("\xa0{0}=TOKEN",),
        ("{0} =TOKEN",),
    ],
)
def test_no_doubtful_cookie_is_taken(demo: program.Server, refresh: str, cookies: tuple[str, ...]) -> None:
    """Of several values none is chosen, in one header or in two; another name is another cookie."""
    sent = [f"Cookie: {cookie.format(NAME).replace('TOKEN', refresh)}" for cookie in cookies]
    status, _, body = send(demo, "POST /api/token/refresh/", HYBRID, SAME_ORIGIN, *sent)
    assert (status, json.loads(body)["code"]) == (401, "refresh_invalid")
    status, _, _ = send(demo, "POST /api/token/refresh/", HYBRID, SAME_ORIGIN, f"Cookie: {NAME}={refresh}")
    assert status == 200


def test_two_transports_are_none(demo: program.Server, refresh: str) -> None:
    """Of two headers none is chosen."""
    cookie = f"Cookie: {NAME}={refresh}"
    twice = (HYBRID, "X-Jotpass-Transport: body")
    status, _, body = send(demo, "POST /api/token/refresh/", *twice, SAME_ORIGIN, cookie)
    assert (status, json.loads(body)["code"]) == (400, "transport_not_allowed")
