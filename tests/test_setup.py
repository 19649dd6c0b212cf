"""Setting up finds a Python that runs, or says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SYSTEM = "/usr/bin:/bin"


def find_python(*arguments: str, path: str = SYSTEM, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/find-python with this PATH and nothing else."""
    return subprocess.run(
        [ROOT / ".ci" / "find-python", *arguments],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def shims(tmp_path: Path) -> str:
    """A PATH whose first folder holds a python3.99 that does not run, then our own interpreter."""
    folder = tmp_path / "shims"
    folder.mkdir()
    shim = folder / "python3.99"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "python3").symlink_to(sys.executable)
    return os.pathsep.join([str(folder), str(ours), SYSTEM])


def test_a_python_that_does_not_run_is_passed_over(shims: str) -> None:
    """A name on PATH proves nothing."""
    found = find_python(path=shims)
    assert found.returncode == 0
    version = subprocess.run([found.stdout.strip(), "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("Python 3.1")


def test_the_one_that_is_named_is_taken() -> None:
    """PYTHON decides, whatever else is there."""
    found = find_python(PYTHON=sys.executable)
    assert Path(found.stdout.strip()).samefile(sys.executable)


def test_a_python_that_is_named_and_unfit_is_refused() -> None:
    """PYTHON that is no Python is an error, not a reason to take another."""
    found = find_python(PYTHON="/bin/false")
    assert found.returncode == 1
    assert "PYTHON=/bin/false is not a Python 3.11 or newer that runs" in found.stderr


def test_a_python_without_venv_names_the_package(tmp_path: Path) -> None:
    """Debian takes ensurepip out of Python: the message says what to install."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError\n")
    found = find_python("venv", "ensurepip", PYTHON=sys.executable, PYTHONPATH=str(tmp_path))
    assert found.returncode == 1
    assert "install the package python3-venv" in found.stderr


def test_the_menu_lists_every_target() -> None:
    """`make` alone says what there is."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    menu = subprocess.run(["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "lint", "bench", "docs", "fuzz", "races", "faults"):
        assert f"  make {target} " in menu.stdout
