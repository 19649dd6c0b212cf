"""The pages about the command line say all there is, and nothing else."""

from __future__ import annotations

import html
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from jotpass.cli.program import program
from jotpass.inspection import FINDING_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
FINDINGS = (ROOT / "docs" / "reference" / "findings.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "images" / "inspect.svg"


def commands() -> Iterator[tuple[str, click.Command]]:
    """The commands of this page, by their full names."""
    context = click.Context(program)
    for name in ("inspect", "verify", "sign", "key", "completion"):
        command = program.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", room) for inner, room in command.commands.items())
        else:
            yield name, command


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda part: part if isinstance(part, str) else ""
)
def test_the_page_names_every_command_and_option(name: str, command: click.Command) -> None:
    """An option that is not in the reference does not exist for its reader."""
    assert f"jotpass {name}" in PAGE
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("-")]
    assert [option for option in options if f"`{option}" not in PAGE] == []


def test_the_page_names_every_code_of_the_command_line() -> None:
    """Codes are a promise, so they stand in the reference."""
    sources = "".join(path.read_text() for path in (ROOT / "src" / "jotpass" / "cli").glob("*.py"))
    codes = set(re.findall(r"(?:Refusal|Misuse)\(\s*f?\"([a-z_{}]+)\"", sources))
    spelled = {code.replace("{name}", name) for code in codes for name in ("issuer", "audience")}
    assert len(spelled) > 10
    ours = {code for code in spelled if not code.startswith("key_") or code == "key_missing"}
    assert [code for code in sorted(ours) if f"`{code}`" not in PAGE] == []


def test_the_page_of_findings_is_the_catalog() -> None:
    """Row by row: code, severity, sentence, reference."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", FINDINGS, re.MULTILINE))
    expected = {
        kind.code: f"{kind.severity.value} | {re.sub(r'{[^}]*}', '...', kind.message)} | {kind.reference}"
        for kind in FINDING_KINDS.values()
    }
    assert rows == expected


def rendering() -> Any:
    """The script that draws the picture."""
    spec = importlib.util.spec_from_file_location("render_inspect", PICTURE.with_name("render_inspect.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(text: str) -> list[str]:
    """The words of a terminal, without frames and escape sequences."""
    return re.findall(r"[\w.:/@+\"\[\]()-]+", re.sub(r"\x1b\[[0-9;]*m", "", text))


def test_the_picture_shows_what_the_program_prints() -> None:
    """`python docs/images/render_inspect.py` draws it again."""
    drawn = re.findall(r"<text [^>]*>(.*?)</text>", PICTURE.read_text(encoding="utf-8"))
    shown = words(html.unescape(" ".join(drawn)).replace("\xa0", " "))
    printed = words(rendering().printed())
    title = ["jotpass", "inspect", "@access-token.txt"]
    assert len(printed) > 100
    assert sorted(shown) == sorted(printed + title)


def test_the_picture_loads_nothing() -> None:
    """No font, style or image comes from the net."""
    assert not re.search(r"@font-face|url\(\s*[\"']?https?:|<image", PICTURE.read_text(encoding="utf-8"))
