"""The comparison with the incumbent tells a divergence from an accident, and the page says the same."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from tests.incumbent.divergences import read_divergences, titles
from tests.incumbent.environments import ROOT
from tests.incumbent.judgement import MOST_DIVERGENCES, Verdict, judge, passes
from tests.incumbent.outcomes import Outcome, read_outcomes
from tests.incumbent.report import as_json, show, summary

if TYPE_CHECKING:
    from tests.incumbent.outcomes import Outcomes

PAGE = ROOT / "docs" / "reference" / "drop-in-divergences.md"
PASSED = Outcome()
SKIPPED = Outcome(skipped=True)


def failed(*parts: str) -> Outcome:
    """A test of which these parts failed."""
    return Outcome(Counter(parts or ["call"]))


@pytest.mark.parametrize(
    ("theirs", "ours", "listed", "verdict"),
    [
        (PASSED, PASSED, False, None),
        (PASSED, PASSED, True, Verdict.OBSOLETE),
        (PASSED, failed(), False, Verdict.UNDECLARED),
        (PASSED, failed(), True, Verdict.DELIBERATE),
        (PASSED, SKIPPED, False, Verdict.UNDECLARED),
        (SKIPPED, SKIPPED, False, None),
        (failed(), failed(), False, Verdict.BOTH_FAIL),
        (failed(), failed(), True, Verdict.OBSOLETE),
        (failed(), PASSED, False, None),
        (failed("subtest a"), failed("subtest b"), False, Verdict.UNDECLARED),
        (failed("subtest a"), failed("subtest a", "subtest a"), False, Verdict.UNDECLARED),
        (failed("subtest a", "subtest a"), failed("subtest a"), False, Verdict.BOTH_FAIL),
    ],
)
def test_each_pair_of_outcomes_has_one_verdict(
    theirs: Outcome, ours: Outcome, listed: bool, verdict: Verdict | None
) -> None:
    """The drop-in may fail what the incumbent fails, part by part, and what the list says: all of that."""
    findings = judge({"t": theirs}, {"t": ours}, {"t": "why"} if listed else {})
    assert [finding.verdict for finding in findings] == ([] if verdict is None else [verdict])


def test_a_test_that_did_not_run_on_the_drop_in_is_wrong() -> None:
    """What was not collected has not passed."""
    (finding,) = judge({"t": PASSED}, {}, {})
    assert finding.verdict is Verdict.UNDECLARED


def test_an_entry_for_no_test_is_wrong() -> None:
    """A test that was renamed or mistyped is not silently listed."""
    (finding,) = judge({}, {}, {"t": "why"})
    assert finding.verdict is Verdict.UNKNOWN
    assert not passes([finding])


@pytest.mark.parametrize(("count", "few_enough"), [(MOST_DIVERGENCES, True), (MOST_DIVERGENCES + 1, False)])
def test_divergences_are_few(count: int, few_enough: bool) -> None:
    """A list that nobody reads to its end excuses anything."""
    names = [f"t{number}" for number in range(count)]
    findings = judge(
        dict.fromkeys(names, PASSED), dict.fromkeys(names, failed()), dict.fromkeys(names, "why")
    )
    assert passes(findings) is few_enough


def test_outcomes_are_summed_up_by_test() -> None:
    """Every phase and every subtest counts; one that failed in any has failed."""
    records = [
        ["a", "setup", "passed"],
        ["a", "subtest x", "failed"],
        ["a", "subtest x", "failed"],
        ["a", "call", "passed"],
        ["b", "setup", "skipped"],
        ["c", "call", "passed"],
    ]
    outcomes = read_outcomes(records)
    assert outcomes["a"].failures == {"subtest x": 2}
    assert {test: str(outcome) for test, outcome in outcomes.items()} == {
        "a": "failed",
        "b": "skipped",
        "c": "passed",
    }


@pytest.mark.parametrize(
    "text",
    [
        '[[divergence]]\ntitle = "x"\nreason = " "\ntests = ["t"]',
        '[[divergence]]\ntitle = "x"\nreason = "y"\ntests = []',
        '[[divergence]]\ntitle = "x"\nreason = "y"\ntests = ["t", "t"]',
    ],
)
def test_an_entry_says_what_and_why_once(text: str) -> None:
    """An entry without a reason, without a test, or about a test of another's is refused."""
    with pytest.raises(ValueError, match="each entry"):
        read_divergences(text)


def test_the_page_tells_every_divergence() -> None:
    """What is published is what the comparison goes by: each title, reason and test, and no other heading."""
    divergences = read_divergences()
    page = PAGE.read_text(encoding="utf-8")
    told = page.partition("## As its own tests see it")[2]
    headings = [line.removeprefix("### ") for line in told.splitlines() if line.startswith("### ")]
    assert headings == [divergence.title for divergence in divergences]
    words = " ".join(told.replace("`", "").split())
    for divergence in divergences:
        assert divergence.reason in words
        assert all(test.rpartition("::")[2] in words for test in divergence.tests)


RUN: tuple[Outcomes, Outcomes] = ({"x::a": PASSED, "x::b": PASSED}, {"x::a": PASSED, "x::b": failed()})


def test_the_table_is_plain_text_where_colour_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is honoured, and the last line says how it went."""
    monkeypatch.setenv("NO_COLOR", "1")
    findings = judge(*RUN, {"x::b": "by intention"})
    screen = io.StringIO()
    show(
        Console(file=screen, force_terminal=True, width=100, highlight=False),
        summary(*RUN, findings),
        findings,
    )
    printed = screen.getvalue()
    assert "\x1b[3" not in printed
    assert "by intention" in printed
    assert "divergences 1, at most 15: as the list says" in printed


def test_json_has_the_same_figures() -> None:
    """A program reads what a person sees."""
    findings = judge(*RUN, {})
    figures = json.loads(as_json(summary(*RUN, findings)))
    assert figures["passed"] is False
    assert figures["drop_in"] == {"passed": 1, "failed": 1}
    assert [finding["verdict"] for finding in figures["findings"]] == ["not in the list of divergences"]


def test_every_title_stands_for_its_tests() -> None:
    """The table names the entry of each test."""
    divergences = read_divergences()
    assert set(titles(divergences).values()) == {divergence.title for divergence in divergences}
