"""A virtual environment in which the drop-in is installed, what it requires, and nothing else.

Nothing is fetched: the distributions of the tests' own environment are linked into the new one.
"""

from __future__ import annotations

import sys
import tomllib
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
CHECKOUTS = (ROOT / "compat" / "simplejwt", ROOT)
"""The drop-in and Jotpass; they are built from here, so their requirements are read from here."""


def make_environment(folder: Path, *, checkouts: bool = True) -> Path:
    """Make it; return its interpreter.

    Args:
        folder: Where.
        checkouts: Whether the drop-in and Jotpass are in it; if not, what they require is.
    """
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    if checkouts:
        site.joinpath("checkouts.pth").write_text("\n".join(str(place / "src") for place in CHECKOUTS))
    for found in required(["jotpass-simplejwt"]):
        for name in _top_level(found):
            site.joinpath(name).symlink_to(Path(str(found.locate_file(name))))
    return folder / "bin" / "python"


def required(names: Iterable[str]) -> list[Distribution]:
    """The distributions that an installer would fetch for these, the checkouts themselves left out."""
    checkouts = {_project(place)["name"]: _project(place) for place in CHECKOUTS}
    wanted, seen, found = [Requirement(name) for name in names], set[tuple[str, str]](), {}
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            if project := checkouts.get(name):
                optional = project.get("optional-dependencies", {})
                lines = optional[extra] if extra else project["dependencies"]
                wanted += map(Requirement, lines)
            else:
                found[name] = distribution(name)
                wanted += _applying(found[name].requires or [], extra)
    return list(found.values())


def _applying(lines: Iterable[str], extra: str) -> Iterator[Requirement]:
    for requirement in map(Requirement, lines):
        if requirement.marker is None:
            if not extra:
                yield requirement
        elif requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _project(checkout: Path) -> dict[str, Any]:
    return tomllib.loads((checkout / "pyproject.toml").read_text())["project"]  # type: ignore[no-any-return]


def _top_level(found: Distribution) -> set[str]:
    files = found.files or []
    return {file.parts[0] for file in files if file.parts[0] not in {"..", "__pycache__"}}
