"""The error tree: one root, stable codes, and nothing of the token in the texts."""

from __future__ import annotations

import pickle
import re

import pytest

from jotpass import jose
from jotpass.jose import errors
from jotpass.jose.errors import ClaimRefused, JoseError, TokenExpired


def tree(root: type[JoseError]) -> list[type[JoseError]]:
    """A class and everything below it."""
    return [root, *(below for child in root.__subclasses__() for below in tree(child))]


CLASSES = tree(JoseError)


def test_codes_are_unique() -> None:
    """No two classes share a code: a code says exactly what happened."""
    codes = [error.code for error in CLASSES]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", CLASSES)
def test_codes_are_snake_case_and_name_their_class(error: type[JoseError]) -> None:
    """A code is the class's name in snake_case, so that either leads to the other."""
    assert error.code == re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__).lower()
    assert "code" in vars(error)


def test_codes_never_change() -> None:
    """Programs compare codes: a release may add to this list and nothing else."""
    assert {error.code for error in CLASSES} >= {
        "algorithm_not_allowed",
        "audience_mismatch",
        "claim_invalid",
        "claim_missing",
        "claim_refused",
        "crit_unsupported",
        "header_invalid",
        "issuer_mismatch",
        "jose_error",
        "key_ambiguous",
        "key_invalid",
        "key_mismatch",
        "key_not_found",
        "key_refused",
        "key_unsupported",
        "key_weak",
        "signature_invalid",
        "token_expired",
        "token_invalid",
        "token_malformed",
        "token_not_yet_valid",
        "token_too_large",
        "token_wrong_type",
    }


def test_the_drawn_tree_is_the_tree() -> None:
    """The module docstring draws every class under its parent, with its code."""
    drawn = re.findall(r"^ {4}([│├└─ ]*)(\w+) +(\w+)", errors.__doc__ or "", re.MULTILINE)
    parents: list[str] = []
    found = {}
    for branch, name, code in drawn:
        depth = len(branch) // 4
        del parents[depth:]
        found[name] = (code, parents[-1] if parents else "Exception")
        parents.append(name)
    assert found == {
        error.__name__: (error.code, error.__base__.__name__) for error in CLASSES if error.__base__
    }


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_is_public(error: type[JoseError]) -> None:
    """Whoever catches an error finds its class in ``jotpass.jose``."""
    assert getattr(jose, error.__name__) is error


def test_claim_errors_name_the_claim() -> None:
    """``claim`` holds the name, and the text is the message alone."""
    error = TokenExpired("the token has expired", "exp")
    assert error.claim == "exp"
    assert str(error) == "the token has expired"


@pytest.mark.parametrize("error", [error for error in CLASSES if not issubclass(error, ClaimRefused)])
def test_errors_survive_pickling(error: type[JoseError]) -> None:
    """An error can cross a process boundary."""
    copy = pickle.loads(pickle.dumps(error("why")))  # noqa: S301 - our own bytes
    assert type(copy) is error
    assert str(copy) == "why"


def test_claim_errors_survive_pickling() -> None:
    """So can those with a second argument."""
    copy = pickle.loads(pickle.dumps(TokenExpired("why", "exp")))  # noqa: S301 - our own bytes
    assert (type(copy), str(copy), copy.claim) == (TokenExpired, "why", "exp")
