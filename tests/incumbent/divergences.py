"""The list of deliberate divergences: which published test fails on the drop-in, and why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Final

from tests.incumbent.environments import ROOT

LIST: Final = ROOT / "compat" / "simplejwt" / "divergences.toml"


@dataclass(frozen=True, slots=True)
class Divergence:
    """One thing that is otherwise by intention.

    Attributes:
        title: What is otherwise, in a line.
        reason: Why.
        tests: The ids of the tests that see it.
    """

    title: str
    reason: str
    tests: tuple[str, ...]


def read_divergences(text: str | None = None) -> list[Divergence]:
    """Read the list, or a text like it.

    Raises:
        ValueError: An entry has no title, no reason or no test, or a test stands in two.
    """
    document = tomllib.loads(LIST.read_text(encoding="utf-8") if text is None else text)
    divergences = [
        Divergence(entry["title"], " ".join(entry["reason"].split()), tuple(entry["tests"]))
        for entry in document["divergence"]
    ]
    tests = [test for divergence in divergences for test in divergence.tests]
    if len(set(tests)) < len(tests) or not all(all((it.title, it.reason, it.tests)) for it in divergences):
        raise ValueError("each entry has a title, a reason and tests, and no test stands in two")
    return divergences


def titles(divergences: list[Divergence]) -> dict[str, str]:
    """Return the title for each test, by the test's id."""
    return {test: divergence.title for divergence in divergences for test in divergence.tests}
