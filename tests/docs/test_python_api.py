"""The reference of the Python API shows every function of it, as it is called."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import jotpass.auth

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python-api.md"
CALLS = dict(re.findall(r"^\| `(\w+)(\(.*?\))` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def bare(signature: inspect.Signature) -> str:
    """Write a signature without its types."""
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    return str(inspect.Signature(parameters)).replace("'", '"')


def test_every_function_is_shown() -> None:
    """What can be imported can be looked up, and what can be looked up exists."""
    assert set(CALLS) == set(jotpass.auth.__all__)


@pytest.mark.parametrize("name", jotpass.auth.__all__)
def test_calls_are_those_of_the_code(name: str) -> None:
    """Parameters and defaults stand on the page as they are."""
    assert CALLS[name] == bare(inspect.signature(getattr(jotpass.auth, name)))
