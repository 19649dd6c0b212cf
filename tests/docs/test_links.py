"""Links lead somewhere, on the pages that the build of the documentation does not look at, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TARGET = re.compile(r'\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"')
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def targets(text: str) -> list[str]:
    """Return what the links of a page lead to inside the repository, without fragments."""
    found = ("".join(groups) for groups in TARGET.findall(FENCE.sub("", text)))
    return [path for target in found if "://" not in target and (path := target.partition("#")[0])]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_file_that_a_page_links_to_exists(page: Path) -> None:
    """A reader who follows a link arrives."""
    missing = [
        target for target in targets(page.read_text(encoding="utf-8")) if not (page.parent / target).exists()
    ]
    assert not missing


def test_links_and_pictures_are_found() -> None:
    """The pattern sees what it is for, and leaves addresses and fences alone."""
    text = '[a](b.md#c) ![d](e.png) <img src="f.png"> [g](https://h.example) [i](#j)\n```text\n[k](l)\n```\n'
    assert targets(text) == ["b.md", "e.png", "f.png"]
