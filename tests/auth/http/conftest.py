"""Fixtures of the HTTP tests: a client of the contract and a person who may sign in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.http.browser import Browser
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


@pytest.fixture
def all_transports(settings: Any) -> None:
    """The project allows every transport, `body` first."""
    settings.JOTPASS = {"TRANSPORTS": ["body", "hybrid", "cookie"]}


@pytest.fixture(params=["hybrid", "cookie"])
def browser(request: pytest.FixtureRequest, all_transports: None, person: Any) -> Browser:
    """A page that has signed in, by each of the two transports that have cookies."""
    found = Browser(request.param)
    assert found.sign_in(person).status_code == 200
    return found


@pytest.fixture
def cookie_browser(all_transports: None, person: Any) -> Browser:
    """A page that has signed in by `cookie`."""
    found = Browser("cookie")
    assert found.sign_in(person).status_code == 200
    return found
