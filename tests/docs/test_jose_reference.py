"""The reference of the JOSE core is whole and true: names, signatures, error codes, algorithms, limits."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from jotpass import jose
from jotpass.jose import jws, limits
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.jwk.rsa import MINIMUM_MODULUS_BITS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
HEADING = re.compile(r"^### (\S+)$", re.MULTILINE)
SIGNATURE = re.compile(r"^### (\S+)\n\n```text\n(.*?)\n```", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """Read a page of the reference."""
    return (REFERENCE / name).read_text(encoding="utf-8")


def rows(text: str, first: str) -> dict[str, list[str]]:
    """Return the rows of the table whose first heading is `first`, by their first cell without backquotes."""
    _, _, body = text.partition(f"| {first} |")
    table = body.partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {row[0].strip("`"): row[1:] for row in cells}


def errors(root: type[jose.JoseError]) -> list[type[jose.JoseError]]:
    """Return a class and everything below it, as the tree is drawn."""
    return [root, *(below for child in root.__subclasses__() for below in errors(child))]


def test_every_code_has_a_heading() -> None:
    """Each code can be looked up, in the order of the tree, and none is stale."""
    assert HEADING.findall(page("jose-errors.md")) == [error.code for error in errors(jose.JoseError)]


def test_the_drawn_tree_is_the_tree() -> None:
    """The page draws the classes in their order."""
    drawn = re.findall(r"^[│├└─ ]*(\w+)$", page("jose-errors.md").partition("```text\n")[2], re.MULTILINE)
    tree = [error.__name__ for error in errors(jose.JoseError)]
    assert drawn[: len(tree)] == tree


def test_every_public_name_has_a_heading() -> None:
    """What can be imported can be looked up; errors have a page of their own."""
    codes = {error.__name__ for error in errors(jose.JoseError)}
    names = {*(set(jose.__all__) - codes), *(f"jws.{name}" for name in jws.__all__)}
    assert set(HEADING.findall(page("jose.md"))) == names


def plain(signature: str) -> str:
    """Write a signature without white space and quotation marks, so that two of them compare."""
    return re.sub(r"\s|['\"]", "", signature)


@pytest.mark.parametrize(("name", "written"), SIGNATURE.findall(page("jose.md")))
def test_signatures_are_those_of_the_code(name: str, written: str) -> None:
    """A page that shows a signature shows all of it: parameters, types and defaults."""
    subject: Any = jose
    for part in name.split("."):
        subject = getattr(subject, part)
    signature = str(inspect.signature(subject))
    expected = signature.removesuffix(" -> 'None'") if inspect.isclass(subject) else signature
    assert plain(written) == plain(name.rpartition(".")[2] + expected)


def test_every_function_shows_its_signature() -> None:
    """No function and no verifier goes without."""
    shown = {name for name, _ in SIGNATURE.findall(page("jose.md"))}
    functions = {name for name in jose.__all__ if inspect.isfunction(getattr(jose, name))}
    functions |= {f"jws.{name}" for name in jws.__all__ if inspect.isfunction(getattr(jws, name))}
    assert shown == {*functions, "Verifier"}


def test_the_table_of_algorithms_is_the_code() -> None:
    """Each algorithm has a row, and the row says what the code asks for."""
    written = {name: cells[:4] for name, cells in rows(page("algorithms.md"), "`alg`").items()}
    assert written == {
        row.name: [
            row.kty,
            ", ".join(row.curves),
            {
                "oct": f"{row.minimum_secret_bytes} bytes",
                "RSA": f"{MINIMUM_MODULUS_BITS} bits",
            }.get(row.kty, ""),
            "the modulus"
            if row.kty == "RSA"
            else f"{row.signature_bytes} bytes"
            if row.signature_bytes
            else "as its curve",
        ]
        for row in SIGNATURE_ALGORITHMS.values()
    }


def test_the_table_of_limits_is_the_code() -> None:
    """Each limit has a row, with its value."""
    written = {name: int(cells[0]) for name, cells in rows(page("algorithms.md"), "limit").items()}
    assert written == {name: value for name, value in vars(limits).items() if name.startswith("MAX_")}


@pytest.mark.parametrize("floor", ["jose", "keys", "auth"])
def test_every_specification_that_a_room_follows_has_a_row(floor: str) -> None:
    """A room names its specification in its docstring; the page says what of it is done."""
    rooms = (Path(jose.__file__).parents[1] / floor).rglob("*.py")
    said = " ".join(ast.get_docstring(ast.parse(room.read_text(encoding="utf-8"))) or "" for room in rooms)
    followed = set(re.findall(r"RFC \d+", said))
    assert followed
    assert followed <= set(re.findall(r"RFC \d+", page("specifications.md")))
