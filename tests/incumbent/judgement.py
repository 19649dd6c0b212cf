"""Whether the drop-in fails where the incumbent does not, and whether the list of divergences says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tests.incumbent.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.incumbent.outcomes import Outcomes

MOST_DIVERGENCES: Final = 15


class Verdict(StrEnum):
    """What is to be said of a test that did not simply pass in both."""

    BOTH_FAIL = "fails on the incumbent, too"
    DELIBERATE = "deliberate"
    UNDECLARED = "not in the list of divergences"
    OBSOLETE = "in the list of divergences, and passes"
    UNKNOWN = "in the list of divergences, and is no test"


WRONG: Final = frozenset({Verdict.UNDECLARED, Verdict.OBSOLETE, Verdict.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Finding:
    """One test that is worth a line."""

    test: str
    verdict: Verdict
    incumbent: str
    drop_in: str
    title: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether it must not stay so."""
        return self.verdict in WRONG


def judge(incumbent: Outcomes, drop_in: Outcomes, divergences: Mapping[str, str]) -> list[Finding]:
    """Compare two runs of the same tests.

    A test may fail on the incumbent itself with today's versions of what it stands on. The drop-in may fail
    the same parts of it, and no other.

    Args:
        incumbent: What came of them on the incumbent.
        drop_in: What came of them on the drop-in.
        divergences: What a test that fails on the drop-in by intention sees, by its id.

    Returns:
        A finding for each test that did not pass in both, or is listed; what is wrong comes first.
    """
    findings = [
        Finding(test, verdict, str(theirs), str(ours), divergences.get(test, ""))
        for test, theirs in incumbent.items()
        for ours in [drop_in.get(test, _NOT_RUN)]
        for verdict in [_verdict(theirs, ours, listed=test in divergences)]
        if verdict is not None
    ]
    findings += [
        Finding(test, Verdict.UNKNOWN, "-", "-", title)
        for test, title in divergences.items()
        if test not in incumbent
    ]
    return sorted(findings, key=lambda finding: (not finding.is_wrong, finding.verdict, finding.test))


def passes(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong, and the divergences are few enough to be read."""
    counted = list(findings)
    deliberate = sum(finding.verdict is Verdict.DELIBERATE for finding in counted)
    return deliberate <= MOST_DIVERGENCES and not any(finding.is_wrong for finding in counted)


_NOT_RUN: Final = Outcome(skipped=True)


def _verdict(theirs: Outcome, ours: Outcome, *, listed: bool) -> Verdict | None:
    worse = bool(ours.failures - theirs.failures) or (ours.skipped and not theirs.skipped)
    if worse:
        return Verdict.DELIBERATE if listed else Verdict.UNDECLARED
    if listed:
        return Verdict.OBSOLETE
    return Verdict.BOTH_FAIL if ours.failures else None
