"""Both distributions build, and their wheels install into an environment that knows no checkout."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.simplejwt.lone_environment import make_environment
from tests.simplejwt_exchange.peers import peer

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
UV = str(ROOT / ".ci" / "uv")
CHECKOUTS = {"jotpass": ROOT, "jotpass_simplejwt": ROOT / "compat" / "simplejwt"}
IMPORT_NAMES = {"jotpass": "jotpass", "jotpass_simplejwt": "rest_framework_simplejwt"}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of each distribution, built by way of its source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    for checkout in CHECKOUTS.values():
        build = [UV, "build", "--quiet", "--no-build-isolation", "--python", sys.executable]
        subprocess.run([*build, "--out-dir", str(folder), str(checkout)], check=True)
    found = {name: list(folder.glob(f"{name}-*.whl")) for name in CHECKOUTS}
    return {name: wheel for name, (wheel,) in found.items()}


@pytest.mark.parametrize("name", CHECKOUTS)
def test_a_wheel_holds_what_it_should(wheels: Mapping[str, Path], name: str) -> None:
    """The package, that it is typed, and the licence; nothing of tests or of the other package."""
    with zipfile.ZipFile(wheels[name]) as wheel:
        files = wheel.namelist()
        (licence,) = (file for file in files if file.endswith(".dist-info/licenses/LICENSE"))
        assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert f"{IMPORT_NAMES[name]}/py.typed" in files
    assert {file.partition("/")[0] for file in files} == {
        IMPORT_NAMES[name],
        licence.partition("/")[0],
    }


def test_the_wheels_serve_a_project_without_an_index(
    wheels: Mapping[str, Path], tmp_path: Path, vitors: dict[str, Any]
) -> None:
    """Installed by file, they say their version and exchange a token; PyJWT is not there."""
    python = make_environment(tmp_path / "fresh", checkouts=False)
    install = [UV, "pip", "install", "--quiet", "--no-index", "--no-deps", "--python", str(python)]
    subprocess.run([*install, *map(str, wheels.values())], check=True)
    with peer("drop-in", vitors, python=python) as installed:
        assert installed.ask("whose") == ["jotpass-simplejwt"]
        project = tomllib.loads((CHECKOUTS["jotpass_simplejwt"] / "pyproject.toml").read_text())["project"]
        assert installed.ask("where") == [project["version"], str(tmp_path / "fresh"), False]
        assert "No migrations to apply" in installed.manage("migrate")
        pair = installed.sign_in("vitor")
        access = installed.post("/token/refresh/", refresh=pair["refresh"]).body["access"]
        assert installed.get("/whoami/", access).body == {"pk": "1"}
