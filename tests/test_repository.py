"""What every file of the repository keeps to, whatever it is about."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Written so that this file does not match itself.
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](com|org)|-{2}(extra-)?index-url")
MACHINE = re.compile(r"(?<![\w.~/-])/(root|home|work|Users)/\w")
BINARY = {".png", ".jpg", ".gif", ".ico", ".woff2", ".svg", ".mo"}


def tracked() -> list[Path]:
    """The files that git knows; in an unpacked archive, those that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in str(path)]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Where the pattern occurs in a tracked text file, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    """Requirements install from whichever index the reader has configured."""
    assert lines_with(REGISTRY) == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    """A path that exists on one machine only is a mistake on every other."""
    assert lines_with(MACHINE) == []


def test_there_is_one_kind_of_lock_file() -> None:
    """requirements/*.txt lock the requirements; a second lock would disagree with them one day."""
    assert [path.name for path in tracked() if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}] == []


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda lock: lock.name)
def test_every_requirement_is_locked_by_hash(lock: Path) -> None:
    """An installation is the same bytes every time."""
    entries = re.split(r"\n(?=\S)", lock.read_text().replace("\\\n", " ").strip())
    requirements = [entry for entry in entries if not entry.startswith("#")]
    assert requirements
    assert [entry for entry in requirements if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_bare_distribution_needs_cryptography_alone() -> None:
    """A service that only verifies tokens installs one dependency."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]] == [
        "cryptography"
    ]
