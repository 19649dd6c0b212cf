"""What the tests of the drop-in share: a user, a client, and a pair of tokens over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from tests.simplejwt.people import PASSWORD, create_user

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def user(db: None) -> Any:
    """An active user whose password is `people.PASSWORD`."""
    return create_user("vitor")


@pytest.fixture
def client() -> APIClient:
    """A client that sends JSON and follows no exception."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def obtain_pair(client: APIClient) -> Callable[[Any], dict[str, str]]:
    """Signs a user in over HTTP, and returns ``refresh`` and ``access``."""

    def obtain(user: Any) -> dict[str, str]:
        credentials = {user.USERNAME_FIELD: user.get_username(), "password": PASSWORD}
        answer = client.post("/api/token/", credentials, format="json")
        assert answer.status_code == 200
        pair: dict[str, str] = answer.json()
        return pair

    return obtain


@pytest.fixture
def pair(user: Any, obtain_pair: Callable[[Any], dict[str, str]]) -> dict[str, str]:
    """``refresh`` and ``access`` of `user`, obtained over HTTP."""
    return obtain_pair(user)
