"""Draw `landing-light.png` and `landing-dark.png`: the page of `jotpass demo`, as Chromium shows it.

Run it as `python -m docs.images.render_landing` from the root of the checkout, after the page has changed.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import expect

from tests import chromium
from tests.server import program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
FOLDER = Path(__file__).parent
SIZE = {"width": 1200, "height": 860}
ADDRESS = "127.0.0.1:8000"
CLOCK_SECONDS = 72


def draw(browser: Browser, origin: str, scheme: Scheme) -> Path:
    """Sign in, refresh, let a minute pass, and save the picture."""
    page = browser.new_page(
        color_scheme=scheme, viewport=SIZE, device_scale_factor=1.25, reduced_motion="reduce"
    )
    page.clock.install()
    page.goto(origin)
    for button, outcome in (
        ("Sign in", "Two tokens"),
        ("Refresh", "A new pair"),
        ("Call the API", "Hello, vitor!"),
    ):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("status")).to_contain_text(outcome)
    page.mouse.move(0, 0)
    page.clock.fast_forward(CLOCK_SECONDS * 1000)
    expect(page.get_by_role("timer").first).to_have_text(re.compile("^3:"))
    page.get_by_text("Demo on").locator("code").evaluate(
        "(shown, address) => shown.textContent = address", ADDRESS
    )
    path = FOLDER / f"landing-{scheme}.png"
    page.screenshot(path=path)
    page.close()
    return path


def main() -> None:
    """Draw both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        program.running(Path(folder), "demo") as server,
        chromium.running() as browser,
    ):
        for scheme in SCHEMES:
            path = draw(browser, server.origin, scheme)
            sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
