"""The Chromium that browser tests drive: the system's own, never a download."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALL = "apt-get install -y chromium, or JOTPASS_CHROMIUM names the program"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROGRAM = os.environ.get("JOTPASS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def running(*flags: str) -> Iterator[Browser]:
    """Run Chromium without a window until the context ends.

    Args:
        flags: More of its own.

    Raises:
        RuntimeError: There is no Chromium here.
    """
    if PROGRAM is None:
        raise RuntimeError(f"no Chromium: {INSTALL}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
