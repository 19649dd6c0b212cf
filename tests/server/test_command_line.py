"""The `jotpass` command: a menu that needs no framework, and words for what is missing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.server import program

if TYPE_CHECKING:
    from pathlib import Path


def without(missing: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as if some packages were not installed."""
    script = (
        f"import sys; sys.modules.update(dict.fromkeys({missing!r})); sys.argv = {['jotpass', *arguments]!r};"
        "from jotpass.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=False,
    )


def test_without_click_it_names_the_extra() -> None:
    """One line, exit code 2, no traceback."""
    for package in ("click", "rich"):
        done = without({package}, "demo")
        assert done.returncode == 2
        assert done.stderr == "The jotpass command needs two more packages: pip install 'jotpass[cli]'\n"


def test_without_a_server_the_commands_name_the_extra() -> None:
    """`demo`, `serve` and `manage` want `jotpass[server]`, and say so."""
    for command in ("demo", "serve", "manage"):
        done = without({"django"}, command)
        assert done.returncode == 1
        assert done.stderr == (f"Error: {command} needs the package django: pip install 'jotpass[server]'\n")


def test_the_menu_imports_no_framework() -> None:
    """`jotpass --help` works, and is quick, without Django."""
    done = without({"django", "granian", "rest_framework"}, "--help")
    assert done.returncode == 0
    for command in ("demo", "serve", "manage"):
        assert f"  {command} " in done.stdout


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    """Exit code 2, as everywhere."""
    done = program.run(tmp_path, "no-such-command")
    assert done.returncode == 2
    assert "No such command 'no-such-command'" in done.stderr


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    """`jotpass --version`."""
    assert program.run(tmp_path, "--version").stdout.startswith("jotpass ")


def test_manage_runs_the_commands_of_the_project(tmp_path: Path) -> None:
    """Arguments reach Django untouched, `--help` among them, and so does the exit code."""
    done = program.run(tmp_path, "manage", "check", "--help", JOTPASS_SECRET_KEY=program.SECRET)
    assert "Checks the entire Django project" in done.stdout
    done = program.run(tmp_path, "manage", "no-such-command", JOTPASS_SECRET_KEY=program.SECRET)
    assert done.returncode == 1
    assert "no-such-command" in done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["-h"], ["help"], ["help", "check"], ["--version"], ["migrate", "--help"]]
)
def test_asking_for_help_leaves_nothing_behind(tmp_path: Path, arguments: list[str]) -> None:
    """Who only looks has no data folder made in the folder where they stand."""
    done = program.run(tmp_path, "manage", *arguments, JOTPASS_SECRET_KEY=program.SECRET)
    assert done.stdout
    assert list(tmp_path.iterdir()) == []


def test_manage_finds_the_database_of_a_demo(tmp_path: Path) -> None:
    """In the folder of a demo, its secret and its database are those of `jotpass manage`."""
    with program.running(tmp_path, "demo"):
        done = program.run(tmp_path, "manage", "migrate", "--check")
        assert done.returncode == 0, done.stderr
        names = (
            "from django.contrib.auth.models import User; print(list(User.objects.values_list('username')))"
        )
        assert "vitor" in program.run(tmp_path, "manage", "shell", "-c", names).stdout


def test_manage_without_a_secret_says_so(tmp_path: Path) -> None:
    """No traceback when there is nothing to sign with."""
    done = program.run(tmp_path, "manage", "migrate", "--check")
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
