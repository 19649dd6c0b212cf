"""What the test run itself promises: nothing is skipped silently, and what cannot run here is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Outcome(NamedTuple):
    """How a run of pytest ended, and what it printed."""

    status: int
    output: str


def run_pytest(test: str, folder: Path, **environment: str) -> Outcome:
    """Run pytest on one module, under tests/conftest.py."""
    module = folder / "test_module.py"
    module.write_text(f"import pytest\n\n{test}\n")
    options = ["-p", "tests.conftest", "-c", "pyproject.toml", f"--rootdir={ROOT}", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(module)],
        cwd=ROOT,
        env={**os.environ, "CI": "", "PYTEST_ADDOPTS": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def test_a_skipped_test_fails_the_run_under_ci(tmp_path: Path) -> None:
    """CI=true: a test that did not run has not passed."""
    test = "def test_one(): pass\n\n@pytest.mark.skip\ndef test_two(): pass"
    assert run_pytest(test, tmp_path).status == 0
    outcome = run_pytest(test, tmp_path, CI="true")
    assert outcome.status == 1
    assert "a skipped test is a failure" in outcome.output


def test_missing_vectors_are_named(tmp_path: Path) -> None:
    """Without the vectors, one line says how many tests were left out, and where they were looked for."""
    test = "def test_one(): pass\n\n@pytest.mark.vectors\ndef test_two(): raise ValueError"
    outcome = run_pytest(test, tmp_path, JOTPASS_VECTORS=str(tmp_path / "nowhere"))
    assert outcome.status == 0
    assert "1 passed, 1 deselected" in outcome.output
    assert f"left out: 1 tests, no vectors at {tmp_path / 'nowhere'}" in outcome.output


def test_missing_vectors_fail_under_ci(tmp_path: Path) -> None:
    """CI=true: the vectors must be there."""
    test = (
        "from tests import vectors\n\n"
        "@pytest.mark.vectors\ndef test_one(): assert vectors.read_json('wycheproof/jose/any.json')"
    )
    outcome = run_pytest(test, tmp_path, CI="true", JOTPASS_VECTORS=str(tmp_path / "nowhere"))
    assert outcome.status == 1
    assert "FileNotFoundError" in outcome.output


def test_other_versions_are_deselected(tmp_path: Path) -> None:
    """A test for another Django or Python is no part of this run."""
    test = (
        "@pytest.mark.only_on(django='>=5.2', python='>=3.11')\ndef test_one(): pass\n\n"
        "@pytest.mark.only_on(django='<5')\ndef test_two(): raise ValueError\n\n"
        "@pytest.mark.only_on(python='>=4')\ndef test_three(): raise ValueError"
    )
    outcome = run_pytest(test, tmp_path, CI="true")
    assert outcome.status == 0
    assert "1 passed, 2 deselected" in outcome.output


def test_a_warning_is_an_error(tmp_path: Path) -> None:
    """Deprecations are repaired when they appear, not when they bite."""
    test = "def test_one():\n    import warnings\n    warnings.warn('old', DeprecationWarning)"
    assert run_pytest(test, tmp_path).status == 1
