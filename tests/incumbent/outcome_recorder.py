"""A plugin for pytest that writes what came of every test and subtest; it runs in either environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RECORDS: list[tuple[str, str, str]] = []


def pytest_runtest_logreport(report: Any) -> None:
    """Note the outcome of a phase of a test, or of a subtest of it."""
    subtest = getattr(report, "context", None)
    part = report.when if subtest is None else f"subtest {getattr(subtest, 'msg', None)}"
    RECORDS.append((report.nodeid, part, report.outcome))


def pytest_sessionfinish() -> None:
    """Write them where the tests are."""
    Path("outcomes.json").write_text(json.dumps(RECORDS), encoding="utf-8")
