"""The reference of the Python API shows every function of it, as it is called."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import jotpass.auth

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python-api.md"
TWINS = {name for name in jotpass.auth.__all__ if name[0] == "a" and name[1:] in jotpass.auth.__all__}
"""The same calls for async code; the page shows each once."""
CALLS = dict(re.findall(r"^\| `(\w+)(\(.*?\))` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def bare(signature: inspect.Signature) -> str:
    """Write a signature without its types."""
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    text = str(inspect.Signature(parameters)).replace("'", '"')
    return re.sub(r'<class "[\w.]*?(\w+)">', r"\1", text)


def test_every_function_is_shown() -> None:
    """What can be imported can be looked up, and what can be looked up exists."""
    assert set(CALLS) == set(jotpass.auth.__all__) - TWINS


@pytest.mark.parametrize("name", sorted(set(jotpass.auth.__all__) - TWINS))
def test_calls_are_those_of_the_code(name: str) -> None:
    """Parameters and defaults stand on the page as they are."""
    assert CALLS[name] == bare(inspect.signature(getattr(jotpass.auth, name)))


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_twin_takes_what_the_other_takes(name: str) -> None:
    """What the page says of a call holds in async code."""
    sync, twin = (getattr(jotpass.auth, each) for each in (name[1:], name))
    assert bare(inspect.signature(twin)) == bare(inspect.signature(sync))
