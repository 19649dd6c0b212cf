"""With CHECK_REVOKE_TOKEN, a changed password ends every token that was issued under the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import RefreshToken, SlidingToken

if TYPE_CHECKING:
    from rest_framework.test import APIClient

Case = tuple[str, str, Any]
CASES: list[Case] = [
    ("/api/token/refresh/", "refresh", RefreshToken),
    ("/sliding/token/refresh/", "token", SlidingToken),
]
CHANGED = (401, {"detail": "The user's password has been changed."})


@pytest.mark.parametrize("case", CASES)
def test_a_changed_password_ends_what_extends_a_sign_in(
    client: APIClient, user: Any, settings: Any, case: Case
) -> None:
    """The token is refused and taken back; one that is issued under the new password is exchanged."""
    path, field, token_class = case
    settings.SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True}
    token = token_class.for_user(user)
    assert client.post(path, {field: str(token)}).status_code == 200
    user.set_password("another")
    user.save()
    answer = client.post(path, {field: str(token)})
    assert (answer.status_code, answer.json()) == CHANGED
    assert BlacklistedToken.objects.filter(token__jti=token["jti"]).count() == 1
    assert client.post(path, {field: str(token)}).json()["detail"] == "Token is blacklisted"
    assert client.post(path, {field: str(token_class.for_user(user))}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("case", CASES)
def test_it_ends_them_where_a_refusal_undoes_what_was_written(
    client: APIClient, user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """Under ATOMIC_REQUESTS no entry is left, and the token is refused each time for what it says."""
    monkeypatch.setitem(connections.settings[DEFAULT_DB_ALIAS], "ATOMIC_REQUESTS", True)
    path, field, token_class = case
    settings.SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True}
    token = str(token_class.for_user(user))
    user.set_password("another")
    user.save()
    for _ in range(2):
        answer = client.post(path, {field: token})
        assert (answer.status_code, answer.json()) == CHANGED
    assert not BlacklistedToken.objects.exists()


@pytest.mark.parametrize("case", CASES)
def test_without_the_setting_the_password_is_not_asked_for(client: APIClient, user: Any, case: Case) -> None:
    """It is off unless the project turns it on."""
    path, field, token_class = case
    token = token_class.for_user(user)
    user.set_password("another")
    user.save()
    assert client.post(path, {field: str(token)}).status_code == 200


@pytest.mark.parametrize("case", CASES)
def test_a_token_that_does_not_name_the_password_is_refused(
    client: APIClient, user: Any, settings: Any, case: Case
) -> None:
    """It was issued before the setting was turned on, and nobody knows under which password."""
    path, field, token_class = case
    token = token_class.for_user(user)
    settings.SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True}
    answer = client.post(path, {field: str(token)})
    assert (answer.status_code, answer.json()) == CHANGED
