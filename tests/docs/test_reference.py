"""The reference is whole: whatever a user can meet by name has a heading, and no heading is stale.

The names are found in the code, so that a new one without a heading fails here.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from django.core.management import load_command_class
from django.dispatch import Signal
from rest_framework.exceptions import APIException

import jotpass.auth
from jotpass.auth import checks, errors, signals
from jotpass.auth.conf import Settings
from jotpass.auth.drf.errors import CODES
from jotpass.cli.program import program
from jotpass.server.environment import read_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SOURCE = Path(__file__).parents[2] / "src" / "jotpass"
DROP_IN = Path(__file__).parents[2] / "compat" / "simplejwt" / "src"


def headings(page: str) -> list[str]:
    """Return the headings of a page below its title, of any level."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return re.findall(r"^###? (.+)$", text, re.MULTILINE)


def names_on(page: str) -> set[str]:
    """Return the names that a page explains: its headings of the third level that are one word."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    found = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert len(found) == len(set(found)), "each has one place"
    return set(found)


def source(folder: str = "") -> Iterator[str]:
    """The code below a folder, room by room."""
    return (room.read_text(encoding="utf-8") for room in (SOURCE / folder).rglob("*.py"))


def settings() -> set[str]:
    """Every member of the dict JOTPASS."""
    return {setting.name for setting in Settings.each()}


def codes() -> set[str]:
    """Every error code that HTTP can answer: of our errors, of DRF's, and of the ready-made server."""
    for room in pkgutil.walk_packages(jotpass.auth.__path__, "jotpass.auth."):
        if not {"migrations", "management"}.intersection(room.name.split(".")):
            import_module(room.name)
    of_drf = {error.default_code for error in _below(APIException) if error.__module__.startswith("jotpass.")}
    of_drf -= {APIException.default_code, "authentication_failed"}
    of_the_server = set(re.findall(r'HTTPStatus\.\w+, "(\w+)"', " ".join("".join(source("server")).split())))
    assert of_the_server
    ours = {error.code for error in _below(errors.AuthError) if "code" in vars(error)}
    return ours | set(CODES.values()) | of_drf | of_the_server


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def events() -> set[str]:
    """Every signal."""
    return {name for name, value in vars(signals).items() if isinstance(value, Signal)}


def check_ids() -> set[str]:
    """Every check id that the code mentions, but those of single settings, which stand with the settings."""
    found = {name for room in source() for name in re.findall(r'"(jotpass\.[EIW]\d{3})"', room)}
    return found - set(checks.SETTING_IDS.values())


def drop_in_check_ids() -> set[str]:
    """Every check id that the code of the drop-in mentions."""
    rooms = (room.read_text(encoding="utf-8") for room in DROP_IN.rglob("*.py"))
    return {name for room in rooms for name in re.findall(r'"(simplejwt\.[EIW]\d{3})"', room)}


@pytest.mark.parametrize(
    ("page", "find"),
    [
        pytest.param("settings.md", settings, id="settings"),
        pytest.param("errors.md", codes, id="codes"),
        pytest.param("events.md", events, id="events"),
        pytest.param("system-checks.md", check_ids, id="checks"),
        pytest.param("simplejwt-checks.md", drop_in_check_ids, id="checks of the drop-in"),
    ],
)
def test_every_name_has_a_heading(page: str, find: Any) -> None:
    """What a user can meet can be looked up, and what can be looked up exists."""
    assert names_on(page) == find()


def test_every_variable_of_the_server_has_a_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that is asked for while the environment is read, or that the code names."""
    asked: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, name: str, *default: Any) -> Any:
            asked.add(name)
            return super().get(name, *default)

        def __contains__(self, name: object) -> bool:
            asked.add(str(name))
            return super().__contains__(name)

        def __getitem__(self, name: str) -> str:
            asked.add(name)
            return super().__getitem__(name)

    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", Environment())
        read_environment()
    named = {name for room in source("server") for name in re.findall(r"\bJOTPASS_[A-Z_]+[A-Z]\b", room)}
    variables = {name for name in asked if name.startswith("JOTPASS_")}
    assert len(variables) > 20
    assert names_on("server.md") == variables | named


def subcommands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """The full names of the commands below a parser that do something."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield name
    for action in below:
        for word, parser_below in action.choices.items():
            yield from subcommands(parser_below, f"{name} {word}")


def test_every_management_command_has_a_heading() -> None:
    """`manage.py jotpass` and all that can follow it."""
    folder = SOURCE / "auth" / "management" / "commands"
    found: set[str] = set()
    for room in folder.glob("[!_]*.py"):
        command = load_command_class("jotpass.auth", room.stem)
        found.update(subcommands(command.create_parser("manage.py", room.stem), f"manage.py {room.stem}"))
    assert len(found) >= 4
    assert {heading for heading in headings("management-command.md") if "manage.py" in heading} == found


def commands(group: click.Group, name: str) -> Iterator[str]:
    """The full names of the commands below a group that do something."""
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}"


def test_every_command_has_a_heading() -> None:
    """`jotpass` and all that can follow it."""
    found = set(commands(program, "jotpass"))
    known = {heading for heading in headings("command-line.md") if heading.startswith("jotpass ")}
    assert known - {"jotpass key"} == found
    assert {"jotpass demo", "jotpass serve", "jotpass manage"} <= set(headings("server.md")) & found


def test_every_setting_names_its_check() -> None:
    """The entry of a setting says which check speaks of it, and no two share one."""
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    assert {
        name: f"`{check}`" in entries[name] for name, check in checks.SETTING_IDS.items()
    } == dict.fromkeys(settings(), True)
    assert len(set(checks.SETTING_IDS.values())) == len(checks.SETTING_IDS)
