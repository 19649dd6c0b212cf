"""Frozen JSON: reads like any dict and list, and refuses every change."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from jotpass.jose.frozen_json import FrozenArray, FrozenObject, freeze

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = {"a": [1, {"b": [2]}], "c": {"d": None}, "e": "f"}

OBJECT_CHANGES: dict[str, tuple[object, ...]] = {
    "__setitem__": ("e", 1),
    "__delitem__": ("e",),
    "__ior__": ({"e": 1},),
    "__setattr__": ("note", 1),
    "clear": (),
    "pop": ("e",),
    "popitem": (),
    "setdefault": ("z", 1),
    "update": ({"e": 1},),
}
ARRAY_CHANGES: dict[str, tuple[object, ...]] = {
    "__setitem__": (0, 9),
    "__delitem__": (0,),
    "__iadd__": ([9],),
    "__imul__": (2,),
    "__setattr__": ("note", 1),
    "append": (9,),
    "clear": (),
    "extend": ([9],),
    "insert": (0, 9),
    "pop": (),
    "remove": (1,),
    "reverse": (),
    "sort": (),
}


@pytest.mark.parametrize("method", OBJECT_CHANGES)
def test_objects_refuse_change(method: str) -> None:
    """Every way of writing raises and leaves the object as it was."""
    value = freeze(PLAIN)
    with pytest.raises((TypeError, AttributeError)):
        getattr(value, method)(*OBJECT_CHANGES[method])
    assert value == PLAIN


@pytest.mark.parametrize("method", ARRAY_CHANGES)
def test_arrays_refuse_change(method: str) -> None:
    """Every way of writing raises and leaves the array as it was."""
    value = freeze(PLAIN)["a"]
    with pytest.raises((TypeError, AttributeError)):
        getattr(value, method)(*ARRAY_CHANGES[method])
    assert value == PLAIN["a"]


def test_every_method_that_writes_is_refused() -> None:
    """No method of ``dict`` or ``list`` that writes is inherited, but for ``__init__``, which fills."""
    reading = {
        "__class_getitem__", "__contains__", "__eq__", "__ge__", "__getattribute__", "__getitem__", "__gt__",
        "__iter__", "__le__", "__len__", "__lt__", "__ne__", "__new__", "__or__", "__repr__",
        "__reversed__", "__ror__", "__sizeof__", "__add__", "__mul__", "__rmul__", "__hash__", "__doc__",
        "copy", "count", "fromkeys", "get", "index", "items", "keys", "values",
    }  # fmt: skip
    for frozen, plain in ((FrozenObject, dict), (FrozenArray, list)):
        assert set(vars(plain)) - set(vars(frozen)) <= reading | {"__init__"}


def test_it_reads_as_plain_json() -> None:
    """Equality, types and serialization are those of the plain value."""
    value = freeze(PLAIN)
    assert value == PLAIN
    assert json.dumps(value) == json.dumps(PLAIN)
    assert isinstance(value, dict)
    assert isinstance(value["a"], list)
    assert value["a"] + [3] == [*PLAIN["a"], 3]
    assert value | {"e": 2} == {**PLAIN, "e": 2}


def unpickled(value: object) -> Any:
    """What another process would receive."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("copied", [copy.deepcopy, unpickled])
def test_a_deep_copy_can_be_changed(copied: Callable[[Any], Any]) -> None:
    """Copying deeply and pickling give plain dicts and lists, all the way down."""
    value = copied(freeze(PLAIN))
    assert value == PLAIN
    assert [type(value), type(value["a"]), type(value["a"][1]), type(value["c"])] == [dict, list, dict, dict]
    value["a"][1]["b"].append(3)
