"""The Chromium that browser tests drive is a real one, and the system's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_it_runs_scripts(browser: Browser) -> None:
    """A page's own script runs, and what it wrote is found."""
    page = browser.new_page()
    page.set_content("<p></p><script>document.querySelector('p').textContent = 6 * 7</script>")
    assert page.text_content("p") == "42"
    page.close()


def test_it_is_the_systems_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Chromium the error says what to install; nothing is downloaded."""
    monkeypatch.setattr(chromium, "PROGRAM", None)
    with pytest.raises(RuntimeError, match="apt-get install -y chromium"), chromium.running():
        pass
