"""What HTTP makes of an error, whatever the framework."""

from __future__ import annotations

import json

import pytest

from jotpass.auth import errors
from jotpass.auth.refusals import refusal_response, status_of


def every(kind: type[errors.AuthError]) -> list[type[errors.AuthError]]:
    """An error and all below it, the ones with a code of their own."""
    own = [kind] if "code" in vars(kind) else []
    return own + [found for below in kind.__subclasses__() for found in every(below)]


@pytest.mark.parametrize("kind", every(errors.AuthError))
def test_every_error_has_an_answer(kind: type[errors.AuthError]) -> None:
    """Each has a status that refuses, and a body with its detail and its code."""
    answer = refusal_response(kind())
    assert 400 <= answer.status_code < 600
    assert answer.status_code != 500
    assert json.loads(answer.content) == {"detail": kind.detail, "code": kind.code}
    assert answer["Cache-Control"] == "no-store"
    assert ("Retry-After" in answer) is (answer.status_code in {429, 503})
    assert ("WWW-Authenticate" in answer) or answer.status_code != 401


def test_a_challenge_names_an_error_only_when_a_credential_came() -> None:
    """Whoever sent nothing is only asked to sign in (RFC 6750 s3.1)."""
    assert 'error="invalid_token"' not in refusal_response(errors.TokenMissing())["WWW-Authenticate"]
    assert 'error="invalid_token"' in refusal_response(errors.TokenExpired())["WWW-Authenticate"]


def test_the_status_of_a_subclass_is_that_of_its_kind() -> None:
    """A project may derive an error of its own."""

    class Mine(errors.TokenInvalid):
        """A project's."""

    assert status_of(Mine()) == 401
