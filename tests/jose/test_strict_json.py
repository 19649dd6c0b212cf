"""Strict JSON: one document, one meaning."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.limits import MAX_INTEGER_DIGITS, MAX_JSON_DEPTH
from jotpass.jose.strict_json import parse_json_object, write_json_object

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
WHITE_SPACE = st.text(" \t\n\r", max_size=2)
# Few names, so that duplicates happen; colons, quotes and brackets, so that counting them is put to the test.
NAMES = st.sampled_from(["a", "b", "c", "a:", '":', "", "[", "{", "é", "\\", " :"])


@st.composite
def members_as_text(draw: st.DrawFn) -> tuple[list[str], str]:
    """The names of an object's members, and the object written with any white space and escapes."""
    names = draw(st.lists(NAMES, max_size=4))
    ascii_only = draw(st.booleans())
    written = [
        draw(WHITE_SPACE)
        + json.dumps(name, ensure_ascii=ascii_only)
        + draw(WHITE_SPACE)
        + ":"
        + draw(WHITE_SPACE)
        + json.dumps(draw(SCALARS | NAMES), ensure_ascii=ascii_only)
        + draw(WHITE_SPACE)
        for name in names
    ]
    return names, f"{draw(WHITE_SPACE)}{{{','.join(written)}}}{draw(WHITE_SPACE)}"


@given(members_as_text())
def test_an_object_is_read_exactly_if_its_names_differ(example: tuple[list[str], str]) -> None:
    """However it is written, an object with a duplicate name is refused and any other is read."""
    names, text = example
    try:
        members = parse_json_object(text)
    except ValueError:
        assert len(set(names)) < len(names)
    else:
        assert list(members) == names
        assert members == json.loads(text)


@given(st.dictionaries(TEXT, VALUES), st.booleans(), st.sampled_from([None, 0, 2]))
def test_what_json_writes_is_read(members: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    """Any JSON object that the standard library writes is read as it was."""
    text = json.dumps(members, ensure_ascii=ascii_only, indent=indent)
    assert parse_json_object(text) == parse_json_object(text.encode()) == members


@given(st.text() | st.binary() | TEXT.map(lambda text: "{" + text + "}"))
def test_any_input_is_an_object_or_a_value_error(document: str | bytes) -> None:
    """Nothing but ``ValueError`` comes out of bad input."""
    with suppress(ValueError):
        assert isinstance(parse_json_object(document), dict)


@given(st.dictionaries(TEXT, VALUES))
def test_what_is_written_is_read(members: dict[str, Any]) -> None:
    """The writer writes UTF-8 without white space that the reader takes."""
    document = write_json_object(members)
    assert parse_json_object(document) == members
    assert document == json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "document", ["", "null", "1", '"{"', '"a":1', "[]", "[{}]", "{", "{}}", "{}{}", "{},", "x{}"]
)
def test_only_one_object_is_read(document: str) -> None:
    """A value of another kind, or more than one, is refused."""
    with pytest.raises(ValueError, match="not a strict JSON object"):
        parse_json_object(document)


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\xa0", "\u2003", "\ufeff", "\x1f", "\x00"])
def test_only_json_white_space_surrounds_an_object(space: str) -> None:
    """RFC 8259 s2 knows four characters; what Python calls white space is not among them."""
    for document in (space + "{}", "{}" + space):
        with pytest.raises(ValueError, match="not a strict JSON object"):
            parse_json_object(document)


def test_integers_are_bounded() -> None:
    """As long as the limit, and not one digit longer, in short documents and in long ones."""
    longest = "9" * MAX_INTEGER_DIGITS
    for padding in ("", "x" * 1000):
        document = f'{{"p":"{padding}","n":%s}}'
        assert parse_json_object(document % longest)["n"] == int(longest)
        with pytest.raises(ValueError, match="not a strict JSON object"):
            parse_json_object(document % f"{longest}9")


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_depth_is_bounded(opening: str, closing: str) -> None:
    """As deep as the limit, and not one level deeper; brackets inside strings do not count."""
    inside = MAX_JSON_DEPTH - 1
    brackets = json.dumps("[{" * MAX_JSON_DEPTH + '"')
    text = f'{{"s":{brackets},"d":{opening * inside}1{closing * inside}}}'
    assert parse_json_object(text)["s"] == json.loads(brackets)
    with pytest.raises(ValueError, match="not a strict JSON object"):
        parse_json_object(f'{{"s":{brackets},"d":{opening * (inside + 1)}1{closing * (inside + 1)}}}')


def test_what_is_read_cannot_be_changed_inside() -> None:
    """The object is the caller's, what is in it is frozen."""
    members: Any = parse_json_object('{"a":[{"b":1}],"c":{"d":[]}}')
    members["e"] = 1
    changes: list[Callable[[], object]] = [
        lambda: members["a"].append(1),
        lambda: members["a"][0].update(b=2),
        lambda: members["c"]["d"].append(1),
    ]
    for change in changes:
        with pytest.raises(TypeError):
            change()


@pytest.mark.parametrize(
    "members",
    [
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": "\ud800"},
        {"a": 10**300},
        {1: "a", "1": "b"},
    ],
)
def test_what_the_reader_refuses_is_not_written(members: dict[str, Any]) -> None:
    """Nothing is written that our own reader would not take back."""
    with pytest.raises(ValueError, match=r"JSON|surrogate"):
        write_json_object(members)


def test_endless_nesting_is_not_written() -> None:
    """Nesting beyond any stack is a ``ValueError`` too."""
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="nested too deeply"):
        write_json_object(deep)


def test_what_has_no_json_form_is_a_mistake() -> None:
    """A value that JSON has no form for is a mistake of the programmer."""
    with pytest.raises(TypeError):
        write_json_object({"a": object()})


def test_an_error_holds_nothing_of_the_document() -> None:
    """Neither the text nor the chain of an error carries what was read."""
    for document in (b'{"secret":', b'{"secret":"\xff"}', b'{"secret":NaN}', b'{"secret":1,"secret":2}'):
        with pytest.raises(ValueError, match="not a strict JSON object") as caught:
            parse_json_object(document)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
