"""The browser behind the `javascript` fences of a page: a real Chromium, on the page's own server.

Each fence is a module of the origin `http://127.0.0.1:8000`, on which the page may have something listening.
It may import the page's files, and all fences of a page share one window. A fence fails when its module
throws, when nobody catches a rejection, and when `console.assert` is not satisfied.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Error

from tests import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import ConsoleMessage, Page, Route

WINDOW = "/window-of-the-page"
FENCE = "/fence-{}.js"
# An import settles with its module, whose top-level `await` may never do so.
IMPORT = """async ([module, seconds]) => {
    const late = new Error(`not done after ${seconds} seconds`);
    await Promise.race([import(module), new Promise((_, fail) => setTimeout(fail, seconds * 1000, late))]);
}"""
SECONDS = 60


class ScriptError(AssertionError):
    """A module that failed."""


@dataclass
class PageBrowser:
    """Runs the modules of one page; Chromium starts with the first.

    Playwright's event loop has a thread of its own, so that the fences in between may use Django's ORM.
    """

    folder: Path
    port: str
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "playwright"))
    _modules: list[str] = field(default_factory=list)
    _complaints: list[str] = field(default_factory=list)
    _window: Page | None = None

    @contextlib.contextmanager
    def opened(self) -> Iterator[PageBrowser]:
        """Close the browser when the context ends."""
        with self._thread:
            try:
                yield self
            finally:
                self._thread.submit(self._stack.close).result()

    def run(self, source: str) -> None:
        """Run one module.

        Raises:
            ScriptError: It failed.
        """
        self._modules.append(source)
        self._thread.submit(self._run, FENCE.format(len(self._modules) - 1)).result()

    def _run(self, module: str) -> None:
        if self._window is None:
            self._window = self._open_window()
        try:
            self._window.evaluate(IMPORT, [module, SECONDS])
            # Complaints are events, and come before the answer to a later question.
            self._window.evaluate("() => new Promise((done) => setTimeout(done))")
        except Error as error:
            raise ScriptError(error.message) from None
        if self._complaints:
            raise ScriptError("\n".join(self._complaints))

    def _open_window(self) -> Page:
        browser = self._stack.enter_context(chromium.running())
        window = browser.new_page()
        window.route("**/*", self._answer)
        window.on("pageerror", lambda error: self._complaints.append(str(error)))
        window.on("console", self._listen)
        window.goto(f"http://127.0.0.1:{self.port}{WINDOW}")
        return window

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "assert":
            self._complaints.append(message.text)

    def _answer(self, route: Route) -> None:
        """Answer for the page's files and for its window; everything else is the server's."""
        path = urlsplit(route.request.url).path
        file = self.folder / path.lstrip("/")
        fences = {FENCE.format(number): source for number, source in enumerate(self._modules)}
        if path == WINDOW:
            route.fulfill(content_type="text/html", body="<!doctype html><title>the page</title>")
        elif path in fences:
            route.fulfill(content_type="text/javascript", body=fences[path])
        elif file.suffix == ".js" and file.is_file():
            route.fulfill(content_type="text/javascript", body=file.read_text())
        else:
            route.continue_()
