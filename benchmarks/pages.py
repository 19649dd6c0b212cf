"""Where a run is kept: table, JSON and picture in a folder, and the table in the page that explains it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
EXPLANATION: Final = ROOT / "docs" / "explanation"
END: Final = "<!-- The end mark. -->"


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is to keep of one run.

    Attributes:
        target: The target of the Makefile that ran it; the page marks by it where the table goes.
        stem: What the files are called.
        page: The page that explains the figures.
        table: In Markdown.
        members: The same for programs.
        picture: The same as an SVG.
        caption: What the picture shows; it is put above the table, unless the page has a place for it.
    """

    target: str
    stem: str
    page: Path
    table: str
    members: Mapping[str, Any]
    picture: str
    caption: str = ""

    def publish(self) -> list[str]:
        """Write it into `results/` and into the page; return the paths inside the checkout."""
        begin = f"<!-- Written by `make {self.target}`, down to the end mark. -->"
        page = self.page.read_text(encoding="utf-8")
        before, found, rest = page.partition(begin)
        if not found:
            raise ValueError(f"{self.page.name} has no place for the table of `make {self.target}`")
        after = rest.partition(END)[2]
        shown = f"![{self.caption}](../../benchmarks/results/{self.stem}.svg)\n\n" if self.caption else ""
        text = f"{before}{begin}\n\n{shown}{self.table}\n{END}{after}"
        self.page.write_text(text, encoding="utf-8")
        paths = [*self.write(RESULTS), self.page]
        return [str(path.relative_to(ROOT)) for path in paths]

    def write(self, folder: Path) -> list[Path]:
        """Write table, JSON and picture into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            folder / f"{self.stem}.json": json.dumps(self.members, indent=2) + "\n",
            folder / f"{self.stem}.md": self.table,
            folder / f"{self.stem}.svg": self.picture,
        }
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        return list(texts)
