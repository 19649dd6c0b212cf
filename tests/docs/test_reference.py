"""The reference is whole: each setting, check id, error code and event has a heading, and none is stale."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.dispatch import Signal

from jotpass.auth import checks, errors, signals
from jotpass.auth.conf import Settings
from jotpass.auth.drf.errors import CODES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SOURCE = Path(__file__).parents[2] / "src" / "jotpass"


def headings(page: str) -> set[str]:
    """Return the headings of the third level of a page."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return set(re.findall(r"^### (\S+)$", text, re.MULTILINE))


def codes(error: type[errors.AuthError]) -> set[str]:
    """Collect the codes of an error and of those below it."""
    own = {error.code} if "code" in vars(error) else set()
    return own.union(*(codes(below) for below in error.__subclasses__()))


def check_ids() -> set[str]:
    """Collect the ids that the checks mention."""
    texts = [room.read_text(encoding="utf-8") for room in (SOURCE / "auth").glob("*checks.py")]
    return set(re.findall(r'"(jotpass\.[EW]\d{3})"', "".join(texts)))


@pytest.mark.parametrize(
    ("page", "names"),
    [
        pytest.param("settings.md", {setting.name for setting in Settings.each()}, id="settings"),
        pytest.param("errors.md", codes(errors.AuthError) | set(CODES.values()), id="codes"),
        pytest.param(
            "events.md",
            {name for name, value in vars(signals).items() if isinstance(value, Signal)},
            id="events",
        ),
        pytest.param(
            "system-checks.md",
            check_ids() - set(checks.SETTING_IDS.values()),
            id="checks",
        ),
    ],
)
def test_every_name_has_a_heading(page: str, names: set[str]) -> None:
    """What a user can meet can be looked up, and what can be looked up exists."""
    assert headings(page) == names


def test_every_setting_names_its_check() -> None:
    """The entry of a setting says which check speaks of it, and no two share one."""
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    assert {
        name: f"`{check}`" in entries[name] for name, check in checks.SETTING_IDS.items()
    } == dict.fromkeys((setting.name for setting in Settings.each()), True)
    assert len(set(checks.SETTING_IDS.values())) == len(checks.SETTING_IDS)
