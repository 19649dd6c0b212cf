"""WebSocket hijack: a page of another origin opens a socket, and the browser sends the person's cookie along.

CORS does not hold for WebSockets. Two ports of one host are two origins, but one site, so that not even
``SameSite=Strict`` keeps the cookie back.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import InvalidStatus

from jotpass.auth.cookies import LOOPBACK, PREFIXED
from tests.servers.process import SECONDS
from tests.sockets.site import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.sockets.server import Server

BY_COOKIE = {"X-Jotpass-Transport": "cookie", "Sec-Fetch-Site": "same-origin"}
OPEN = """
([address, subprotocols]) => new Promise((resolve) => {
  const socket = new WebSocket(address, subprotocols);
  const seen = {opened: false, subprotocol: null, said: null, code: null, reason: null};
  socket.onopen = () => { seen.opened = true; seen.subprotocol = socket.protocol; };
  socket.onmessage = (event) => { seen.said = JSON.parse(event.data); socket.close(); };
  socket.onclose = (event) => { seen.code = event.code; seen.reason = event.reason; resolve(seen); };
})
"""
SIGN_IN = """
async ([username, password]) => (await fetch("/api/token/", {
  method: "POST",
  headers: {"Content-Type": "application/json", "X-Jotpass-Transport": "cookie"},
  body: JSON.stringify({username, password}),
})).status
"""


@pytest.fixture
def server(cookie_servers: list[Server]) -> Server:
    """The server whose sockets are opened."""
    return cookie_servers[0]


@pytest.fixture
def evil_server(cookie_servers: list[Server]) -> Server:
    """Another origin of the same site."""
    return cookie_servers[1]


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of the server, with a person signed in by cookie."""
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{server.origin}/page/")
        assert page.evaluate(SIGN_IN, [USERNAME, PASSWORD]) == 200
        yield page


def _opened(page: Page, server: Server, path: str = "/ws/", *subprotocols: str) -> Any:
    address = f"ws://127.0.0.1:{server.port}{path}"
    return page.evaluate(OPEN, [address, list(subprotocols)])


def _cookie(server: Server) -> str:
    """The cookie of a person who is signed in."""
    answer = server.sign_in(headers=BY_COOKIE)
    cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or []]
    return next(each for each in cookies if each.startswith("jotpass_access="))


def test_a_page_of_ours_opens_a_socket_by_cookie(page: Page, server: Server) -> None:
    """The browser says that the page is of this origin, and the consumer knows the person."""
    seen = _opened(page, server)
    assert (seen["opened"], seen["said"]["user"]) == (True, USERNAME)


def test_hijack_from_another_origin_is_refused(page: Page, server: Server, evil_server: Server) -> None:
    """The cookie comes along, the Origin is another: the socket does not even open."""
    page.goto(f"{evil_server.origin}/page/")
    seen = _opened(page, server)
    assert (seen["opened"], seen["said"], seen["code"]) == (False, None, 1006)
    # It was the cookie that the browser sent: without it, anybody may open this one.
    page.context.clear_cookies()
    assert _opened(page, server)["said"]["user"] == ""


def test_hijack_from_a_page_without_an_origin_is_refused(page: Page, server: Server) -> None:
    """A sandboxed frame says ``Origin: null``, and is nobody's page."""
    frame = page.evaluate_handle(
        """(address) => new Promise((resolve) => {
          addEventListener("message", (event) => resolve(event.data), {once: true});
          const frame = document.createElement("iframe");
          frame.sandbox = "allow-scripts";
          frame.srcdoc = `<script>
            const socket = new WebSocket("${address}");
            socket.onmessage = (event) => parent.postMessage(event.data, "*");
            socket.onclose = (event) => parent.postMessage("closed " + event.code, "*");
          </script>`;
          document.body.append(frame);
        })""",
        f"ws://127.0.0.1:{server.port}/ws/",
    )
    said = frame.json_value()
    assert said == "closed 1006" or json.loads(said)["user"] == ""


def test_a_browser_opens_a_socket_by_subprotocol(page: Page, evil_server: Server, server: Server) -> None:
    """From whatever origin: who has the token, a script of the project's, need not be of ours."""
    token = server.sign_in().json["access"]
    page.goto(f"{evil_server.origin}/page/")
    page.context.clear_cookies()
    seen = _opened(page, server, "/private/", "jotpass", token)
    assert (seen["subprotocol"], seen["said"]["user"]) == ("jotpass", USERNAME)


def test_a_browser_learns_why_a_token_is_refused(page: Page, server: Server) -> None:
    """The socket opens and closes: of a handshake that fails a script would learn nothing."""
    seen = _opened(page, server, "/ws/", "jotpass", "no.token.atall")
    assert (seen["opened"], seen["code"], seen["reason"]) == (True, 4401, "token_malformed")


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1", "", "file://"])
def test_a_cookie_without_the_right_origin_opens_nothing(server: Server, origin: str | None) -> None:
    """Whatever is not our own origin, or says nothing, is refused with 403 before the socket opens."""
    prefixed = _cookie(server).replace(LOOPBACK.access, PREFIXED.access)
    with pytest.raises(InvalidStatus) as refused:
        server.connect("/ws/", origin=origin, Cookie=prefixed)
    assert refused.value.response.status_code == 403


def test_a_cookie_with_our_own_origin_opens_it(server: Server) -> None:
    """As browsers without Sec-Fetch-Site send it."""
    with server.connect("/ws/", origin=server.origin, Cookie=_cookie(server)) as socket:
        assert json.loads(socket.recv(SECONDS))["user"] == USERNAME


def test_a_bad_token_never_falls_back_to_the_cookie(server: Server) -> None:
    """What a client says explicitly is what counts."""
    cookie = _cookie(server)
    with (
        server.connect("/ws/", "jotpass", "no.token.atall", origin=server.origin, Cookie=cookie) as socket,
        contextlib.suppress(Exception),
    ):
        socket.recv(SECONDS)
    assert socket.close_code == 4401


def test_nothing_went_wrong_on_the_way(cookie_servers: list[Server]) -> None:
    """All of the above left no traceback behind."""
    assert all("Traceback" not in each.output for each in cookie_servers)
