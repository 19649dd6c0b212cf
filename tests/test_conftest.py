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


def run_pytest(tests: str, folder: Path, **environment: str) -> Outcome:
    """Run pytest on one module, under tests/conftest.py."""
    module = folder / "test_module.py"
    module.write_text(f"import pytest\n{tests}")
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


def test_what_is_missing_here_is_named(tmp_path: Path) -> None:
    """Without the vectors, one line says how many tests were left out, and where they were looked for."""
    module = """
def test_one(): pass

@pytest.mark.vectors
def test_two(): raise ValueError

@pytest.mark.skip
def test_three(): raise ValueError
"""
    outcome = run_pytest(module, tmp_path, JOTPASS_VECTORS=str(tmp_path / "nowhere"))
    assert outcome.status == 0
    assert "1 passed, 1 skipped, 1 deselected" in outcome.output
    assert f"left out: 1 tests, no vectors at {tmp_path / 'nowhere'}" in outcome.output


def test_under_ci_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    """CI=true: a test that did not run has not passed; one for another Django or Python is no part of it."""
    module = """
@pytest.mark.only_on(django=">=5.2", python=">=3.11")
def test_one(): pass

@pytest.mark.only_on(django="<5")
def test_two(): raise ValueError

@pytest.mark.only_on(python=">=4")
def test_three(): raise ValueError

@pytest.mark.skip
def test_four(): raise ValueError
"""
    outcome = run_pytest(module, tmp_path, CI="true")
    assert outcome.status == 1
    assert "1 passed, 1 skipped, 2 deselected" in outcome.output
    assert "a skipped test is a failure" in outcome.output


def test_under_ci_missing_vectors_and_warnings_fail(tmp_path: Path) -> None:
    """CI=true: the vectors must be there. Anywhere: a warning is repaired before it bites."""
    module = """
import warnings
from tests import vectors

@pytest.mark.vectors
def test_one(): assert vectors.read_json("wycheproof/jose/any.json")

def test_two(): warnings.warn("old", DeprecationWarning)

def test_three(): pass
"""
    outcome = run_pytest(module, tmp_path, CI="true", JOTPASS_VECTORS=str(tmp_path / "nowhere"))
    assert outcome.status == 1
    assert "2 failed, 1 passed" in outcome.output
    assert "FileNotFoundError" in outcome.output
    assert "DeprecationWarning: old" in outcome.output


def test_a_folder_of_another_host_project_is_refused_by_name() -> None:
    """Asked for by name, it says under which project it runs, and nothing passes for having run."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q"]
    module = "tests/simplejwt/test_first_steps.py"
    settings = "--ds=tests.projects.regular.settings"
    done = subprocess.run(
        [*command, settings, module],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "runs under --ds=tests.projects.simplejwt.settings" in done.stdout + done.stderr
