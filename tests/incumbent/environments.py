"""Two environments with the same requirements: one with the incumbent, one with the drop-in for it.

They cannot be one: both distributions have the import name `rest_framework_simplejwt`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = "requirements/suite.txt"
MADE_OF: Final = (
    ".ci/make-venv",
    "requirements/incumbent.txt",
    "pyproject.toml",
    "compat/simplejwt/pyproject.toml",
)

Subject = Literal["incumbent", "drop-in"]

# What a process in one of them must not inherit: it would find this checkout or this run's settings, or would
# compile everything anew at each start.
OURS: Final = frozenset(
    {"PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV"}
)


def python_with(subject: Subject, requirements: str = REQUIREMENTS) -> Path:
    """Return the interpreter of an environment, which is set up first unless it is as the lock files say.

    Args:
        subject: Which of the two packages it has.
        requirements: The lock file of what else it has.

    Raises:
        subprocess.CalledProcessError: It cannot be set up; the package client has said why.
    """
    beside = "" if requirements == REQUIREMENTS else f"-{Path(requirements).stem}"
    folder = ROOT / ".venv-{}{}-{}.{}".format(subject, beside, *sys.version_info[:2])
    stamp, wanted = folder / ".ready", _fingerprint(requirements)
    with _alone():
        if not stamp.exists() or stamp.read_text() != wanted:
            command = [str(ROOT / ".ci" / "make-venv"), str(folder), requirements, subject]
            subprocess.run(command, check=True, env=clean_environment() | {"PYTHON": sys.executable})
            stamp.write_text(wanted)
    return folder / "bin" / "python"


def clean_environment() -> dict[str, str]:
    """Return the variables of this process, but for those that are about this checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in OURS and not name.startswith(("PYTEST_", "JOTPASS_", "COVERAGE_"))
    }


def _fingerprint(requirements: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in (*MADE_OF, requirements):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time set up environments of this checkout."""
    folder = os.open(ROOT / ".ci", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
