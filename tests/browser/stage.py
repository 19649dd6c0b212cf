"""The stage of the attacks: an API, a page of its own, and an attacker's site on sibling and foreign hosts.

Chromium finds every host below `localhost` on this machine and trusts it as it trusts https. There
`api.site.localhost` is a site like any other, `evil.site.localhost` its sibling, `evil.localhost` another
site; `localhost` itself is a developer's machine, where the cookies have their plain names.
"""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

PASSWORD = "correct horse battery"
TRANSPORT = "X-Jotpass-Transport"
WINDOW = "/window"
PAGE = b"<!doctype html><title>a page</title>"
VARIABLES = {
    "JOTPASS_SECRET_KEY": program.SECRET,
    "JOTPASS_ALLOWED_HOSTS": ".site.localhost,localhost,127.0.0.1",
    "JOTPASS_ISSUER": "https://id.example",
    "JOTPASS_AUDIENCE": "https://id.example",
    "JOTPASS_TRANSPORTS": "hybrid,cookie,body",
}
CALL = """async ([path, options]) => {
    const answer = await fetch(path, options);
    const text = await answer.text();
    return [answer.status, text && answer.type !== "opaque" ? JSON.parse(text) : {}];
}"""


@dataclass(frozen=True)
class Stage:
    """Where everything is.

    Attributes:
        server: The API.
        attacker: The port of the attacker's site, whatever the host.
    """

    server: program.Server
    attacker: int

    def api(self, host: str = "api.site.localhost") -> str:
        """The origin of the API under one of its hosts."""
        return f"http://{host}:{self.server.port}"

    def evil(self, host: str) -> str:
        """The origin of the attacker's site under a host."""
        return f"http://{host}:{self.attacker}"

    def mark(self) -> int:
        """A place in the server's log: here and now."""
        return len(self.server.output)

    def answers(self, since: int, path: str, *, count: int) -> list[int]:
        """Wait for so many POST requests to a path; the statuses that they were answered with.

        What a page elsewhere may not see, the server's log tells: that the attack did arrive.
        """

        def found() -> list[str]:
            return re.findall(rf'"POST /api/{path}" (\d+) ', self.server.output[since:])

        program.until(lambda: len(found()) >= count)
        return [int(status) for status in found()]


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Run both servers; `victim` and `mallory` have accounts."""
    database = {"JOTPASS_DATA": str(folder / "data")}
    migrated = program.run(folder, "manage", "migrate", "--verbosity", "0", **VARIABLES, **database)
    assert migrated.returncode == 0, migrated.stderr
    for name in ("victim", "mallory"):
        made = program.run(
            folder,
            *("manage", "createsuperuser", "--noinput", "--username", name, "--email", f"{name}@example.org"),
            DJANGO_SUPERUSER_PASSWORD=PASSWORD,
            **VARIABLES,
            **database,
        )
        assert made.returncode == 0, made.stderr
    with program.running(folder, "serve", **VARIABLES, **database) as server, _attacker() as port:
        yield Stage(server, port)


@contextlib.contextmanager
def _attacker() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _EmptyPage(BaseHTTPRequestHandler):
    """Answers every GET with an empty page, on which a test runs its script."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Victim:
    """A person in a browser, with a page of the API's own origin.

    Args:
        context: The browser's profile; its cookies are the person's.
        origin: The API's origin.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        context.route(f"{origin}{WINDOW}", lambda route: route.fulfill(content_type="text/html", body=PAGE))
        self.page = context.new_page()
        self.page.goto(origin + WINDOW)

    def post(self, path: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Call the API with `fetch`, as a script of the page does: status and JSON."""
        options: dict[str, Any] = {"method": "POST", "headers": headers}
        if body is not None:
            options |= {"body": body, "headers": {"Content-Type": "application/json"} | headers}
        status, answer = self.page.evaluate(CALL, [f"/api/{path}", options])
        return status, answer

    def sign_in(self, transport: str, username: str = "victim") -> dict[str, Any]:
        """Sign in; what came in JSON."""
        body = f'{{"username": "{username}", "password": "{PASSWORD}"}}'
        status, answer = self.post("token/", body, **{TRANSPORT: transport})
        assert status == 200, answer
        return answer

    def whoami(self, transport: str) -> str | None:
        """Who this browser is for the API after a refresh, None when nobody."""
        status, answer = self.post("token/refresh/", **{TRANSPORT: transport})
        if status != 200:
            return None
        headers = {"Authorization": f"Bearer {answer['access']}"} if "access" in answer else {}
        status, session = self.page.evaluate(CALL, ["/api/session/", {"headers": headers}])
        return str(session["user"]["username"]) if status == 200 else None

    def cookies(self) -> dict[str, str]:
        """What the browser would send to the API, by name."""
        return {cookie["name"]: cookie["value"] for cookie in self.context.cookies(f"{self.origin}/api/")}


def at(context: BrowserContext, origin: str) -> Page:
    """A page of the attacker's site."""
    page = context.new_page()
    page.goto(f"{origin}/")
    return page
