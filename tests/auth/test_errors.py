"""The errors: one stable code each, and nothing but a sentence."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from jotpass.auth import errors

if TYPE_CHECKING:
    from collections.abc import Iterator


def leaves(kind: type[errors.AuthError] = errors.AuthError) -> Iterator[type[errors.AuthError]]:
    """Every error that is raised."""
    for below in kind.__subclasses__():
        if "code" in vars(below):
            yield below
        yield from leaves(below)


LEAVES = list(leaves())


def test_codes_are_distinct() -> None:
    """No two errors share one."""
    codes = [kind.code for kind in LEAVES]
    assert len(set(codes)) == len(codes) >= 12


@pytest.mark.parametrize("kind", LEAVES)
def test_an_error_is_its_sentence(kind: type[errors.AuthError]) -> None:
    """Printed, copied and pickled; it can stand in a header."""
    error = kind()
    assert str(error) == kind.detail
    assert str(copy.copy(error)) == str(pickle.loads(pickle.dumps(error))) == kind.detail  # noqa: S301 (its own)
    assert kind.detail.isascii()
    assert '"' not in kind.detail
    assert kind.code == kind.code.lower()
    assert kind.code in str(errors.__doc__)
