"""The comparison, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from tests.incumbent.judgement import MOST_DIVERGENCES, Verdict, passes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tests.incumbent.judgement import Finding
    from tests.incumbent.outcomes import Outcomes

STYLES = {"passed": "green", "failed": "red", "skipped": "yellow"}


def summary(incumbent: Outcomes, drop_in: Outcomes, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the comparison in figures, and the findings."""
    return {
        "passed": passes(findings),
        "incumbent": dict(Counter(str(outcome) for outcome in incumbent.values())),
        "drop_in": dict(Counter(str(outcome) for outcome in drop_in.values())),
        "divergences": sum(finding.verdict is Verdict.DELIBERATE for finding in findings),
        "most_divergences": MOST_DIVERGENCES,
        "findings": [asdict(finding) for finding in findings],
    }


def as_json(figures: dict[str, Any]) -> str:
    """Write it for programs."""
    return json.dumps(figures, indent=2)


def show(console: Console, figures: dict[str, Any], findings: Sequence[Finding]) -> None:
    """Print it for people: a line for each test that did not pass in both, then the sums."""
    table = Table("test", "incumbent", "drop-in", "why", show_lines=False, pad_edge=False)
    for finding in findings:
        table.add_row(
            Text(_short(finding.test), overflow="fold"),
            Text(finding.incumbent, STYLES.get(finding.incumbent, "")),
            Text(finding.drop_in, STYLES.get(finding.drop_in, "")),
            _why(finding),
        )
    console.print(table)
    for name in ("incumbent", "drop_in"):
        counts = ", ".join(f"{count} {word}" for word, count in sorted(figures[name].items()))
        console.print(f"{name.replace('_', '-'):11} {counts}")
    verdict = Text("as the list says", "green") if figures["passed"] else Text("not as the list says", "red")
    console.print(f"divergences {figures['divergences']}, at most {figures['most_divergences']}:", verdict)


def _why(finding: Finding) -> Text:
    if finding.verdict is Verdict.DELIBERATE:
        return Text(finding.title)
    return Text(finding.verdict, "bold red" if finding.is_wrong else "dim")


def _short(test: str) -> str:
    """A name to look for; the id is in the JSON."""
    return test.rpartition("::")[2]
