"""The incumbent's published tests: fetched by the package client, unpacked as they are, never kept."""

from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

from tests.incumbent.environments import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "requirements/incumbent.txt"


def fetch_tests(python: Path, folder: Path) -> Path:
    """Put the tests, and nothing of the package that they test, into a folder.

    The hash in the lock file says which source distribution it is.

    Args:
        python: An interpreter that has pip and what builds the source distribution's metadata.
        folder: An empty folder.

    Returns:
        Where to run pytest.

    Raises:
        subprocess.CalledProcessError: The package client cannot fetch it, and has said why.
    """
    (archive,) = fetch_archives(python, folder, LOCK)
    with tarfile.open(archive) as source:
        top = archive.name.removesuffix(".tar.gz")
        wanted = [
            member
            for member in source.getmembers()
            if member.name == f"{top}/pytest.ini" or member.name.startswith(f"{top}/tests/")
        ]
        source.extractall(folder, members=wanted, filter="data")
    return folder / top


def fetch_archives(python: Path, folder: Path, lock: str) -> list[Path]:
    """Put the source distributions that a lock file names into a folder.

    Args:
        python: An interpreter that has pip and what builds their metadata.
        folder: An empty folder.
        lock: The lock file, in the checkout.

    Raises:
        subprocess.CalledProcessError: The package client cannot fetch one, and has said why.
    """
    pip = [str(python), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check"]
    which = ["--no-deps", "--no-binary=:all:", "--require-hashes", "--requirement", str(ROOT / lock)]
    download = [*pip, "download", "--no-build-isolation", *which, "--dest", str(folder)]
    subprocess.run(download, check=True, env=clean_environment())
    return sorted(folder.glob("*.tar.gz"))
