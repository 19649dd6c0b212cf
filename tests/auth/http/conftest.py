"""Fixtures of the HTTP tests: a client of the contract and a person who may sign in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.http.contract import Api, create_person


@pytest.fixture
def api() -> Api:
    """A client of the contract."""
    return Api()


@pytest.fixture
def person(transactional_db: None) -> Any:
    """An active person, in a database where transactions commit."""
    return create_person()


@pytest.fixture
def pair(api: Api, person: Any) -> dict[str, Any]:
    """The token pair of that person, fresh from signing in."""
    return api.sign_in(person)
