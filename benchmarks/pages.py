"""Where what a run found is kept: as files in a folder, and as the table of the page that explains it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
EXPLANATION: Final = ROOT / "docs" / "explanation"
END: Final = "<!-- The end mark. -->"


class Found(Protocol):
    """What a run found, in the three ways in which it is kept."""

    def table(self) -> str:
        """In Markdown."""

    def as_json(self) -> Mapping[str, Any]:
        """The same for programs."""

    def picture(self) -> str:
        """The same as an SVG."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the runs of one benchmark are kept.

    Attributes:
        target: The target of the Makefile that runs it; the page marks by it where the table goes.
        stem: What the files are called.
        page: The page that explains the figures.
        caption: What the picture shows; it is put above the table, unless the page has a place for it.
    """

    target: str
    stem: str
    page: Path
    caption: str = ""

    def publish(self, found: Found) -> list[str]:
        """Write it into `results/` and into the page; return the paths inside the checkout."""
        begin = f"<!-- Written by `make {self.target}`, down to the end mark. -->"
        page = self.page.read_text(encoding="utf-8")
        before, mark, rest = page.partition(begin)
        if not mark:
            raise ValueError(f"{self.page.name} has no place for the table of `make {self.target}`")
        after = rest.partition(END)[2]
        shown = f"![{self.caption}](../../benchmarks/results/{self.stem}.svg)\n\n" if self.caption else ""
        text = f"{before}{begin}\n\n{shown}{found.table()}\n{END}{after}"
        self.page.write_text(text, encoding="utf-8")
        paths = [*self.write(found, RESULTS), self.page]
        return [str(path.relative_to(ROOT)) for path in paths]

    def write(self, found: Found, folder: Path) -> list[Path]:
        """Write table, JSON and picture into a folder; return the paths."""
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            folder / f"{self.stem}.json": json.dumps(found.as_json(), indent=2) + "\n",
            folder / f"{self.stem}.md": found.table(),
            folder / f"{self.stem}.svg": found.picture(),
        }
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        return list(texts)
