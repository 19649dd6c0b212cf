"""The documented round: sign in, call, refresh, verify, take the refresh token back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.simplejwt.people import PASSWORD, bearer

if TYPE_CHECKING:
    from rest_framework.test import APIClient


def test_no_app_of_jotpass_is_installed() -> None:
    """The drop-in stands alone: a project installs none of our tables."""
    assert not [app.name for app in apps.get_app_configs() if app.name.startswith("jotpass")]


def test_the_documented_round(client: APIClient, user: Any) -> None:
    """Each endpoint, one after the other, by the names in the incumbent's documentation."""
    answer = client.post("/api/token/", {"username": "vitor", "password": PASSWORD})
    assert (answer.status_code, sorted(answer.json())) == (200, ["access", "refresh"])
    refresh = answer.json()["refresh"]
    answer = client.post("/api/token/refresh/", {"refresh": refresh})
    assert (answer.status_code, sorted(answer.json())) == (200, ["access"])
    access = answer.json()["access"]
    assert client.get("/whoami/", headers=bearer(access)).json() == {"pk": str(user.pk)}
    assert client.get("/stateless/", headers=bearer(access)).json() == {"pk": str(user.pk)}
    assert client.post("/api/token/verify/", {"token": access}).json() == {}
    assert client.post("/api/token/blacklist/", {"refresh": refresh}).json() == {}
    assert client.post("/api/token/refresh/", {"refresh": refresh}).status_code == 401


@pytest.mark.parametrize("path", ["/whoami/", "/stateless/"])
def test_a_protected_view_is_closed(client: APIClient, path: str) -> None:
    """Without a token nobody enters."""
    assert client.get(path).status_code == 401


def test_the_tables_need_no_migration(db: None) -> None:
    """The models and the incumbent's migrations say the same."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
