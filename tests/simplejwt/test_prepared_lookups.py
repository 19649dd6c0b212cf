"""The user is read by a statement that is written once, where the project has no say in how it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from unittest import mock

import pytest
from django.contrib.auth.models import Group, User, UserManager
from django.db import connection
from django.test.utils import isolate_apps
from rest_framework_simplejwt.holders import holder_of
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from tests.simplejwt.people import bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.test import APIClient


class ActiveUsers(UserManager[User]):
    """A manager that leaves somebody out."""

    def get_queryset(self) -> Any:
        """Only the active."""
        return super().get_queryset().filter(is_active=True)


def test_the_user_is_whole(user: User) -> None:
    """It is the instance that the ORM would make: every column, its database, and it can be saved."""
    found = holder_of(AccessToken.for_user(user), User)
    assert isinstance(found, User)
    assert {name: value for name, value in vars(found).items() if name != "_state"} == {
        name: value for name, value in vars(User.objects.get(pk=user.pk)).items() if name != "_state"
    }
    assert (found._state.db, found._state.adding, found.get_deferred_fields()) == ("default", False, set())
    found.groups.add(Group.objects.create(name="readers"))
    found.first_name = "Vitor"
    found.save()
    assert User.objects.get(pk=user.pk).first_name == "Vitor"


def test_a_manager_of_the_project_is_asked(user: User) -> None:
    """Whom the project's own manager leaves out is not found."""
    with isolate_apps("django.contrib.auth"):

        class ActiveUser(User):
            """A user model with a manager of its own."""

            objects: ClassVar[Any] = ActiveUsers()

            class Meta:
                """No table of its own."""

                proxy = True
                app_label = "auth"

    token = AccessToken.for_user(user)
    assert holder_of(token, ActiveUser) == user
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert holder_of(token, ActiveUser) is None
    assert holder_of(token, User) == user


def test_what_a_test_puts_in_the_managers_place_is_asked(user: User) -> None:
    """Another manager, or another `get` on it; and then the table again."""
    token, other = AccessToken.for_user(user), User(username="other")
    assert holder_of(token, User) == user
    with mock.patch("django.contrib.auth.models.User.objects.get", return_value=other):
        assert holder_of(token, User) is other
    with mock.patch.object(User.objects, "get", side_effect=User.DoesNotExist):
        assert holder_of(token, User) is None
    with mock.patch.object(User, "objects") as manager:
        manager.get.return_value = other
        assert holder_of(token, User) is other
    assert holder_of(token, User) == user


@pytest.mark.parametrize("named", ["0", "999999999", "9" * 10, "9" * 40, "-1", "x", "", None, [], {}])
def test_a_name_of_nobody_finds_nobody(user: User, named: Any) -> None:
    """Whatever the claim holds, there is an answer, and the transaction goes on."""
    assert holder_of({"user_id": named}, User) is None
    assert User.objects.filter(pk=user.pk).exists()


def test_the_books_are_asked_by_one_statement(
    user: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    """Judging a refresh token is one statement, and what was taken back is refused."""
    token = str(RefreshToken.for_user(user))
    with django_assert_num_queries(1) as captured:
        RefreshToken(token)
    assert connection.ops.quote_name("jti") in captured.captured_queries[0]["sql"]


@pytest.mark.parametrize("blacklisted", [False, True])
def test_the_user_is_named_by_pk(
    client: APIClient,
    user: User,
    settings: Any,
    obtain_pair: Callable[[Any], dict[str, str]],
    blacklisted: bool,
) -> None:
    """`pk` is the primary key, whatever its field is called; a rotated token is entered as its user's."""
    settings.SIMPLE_JWT = {
        "USER_ID_FIELD": "pk",
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": blacklisted,
    }
    pair = obtain_pair(user)
    assert client.get("/whoami/", headers=bearer(pair["access"])).status_code == 200
    answer = client.post("/api/token/refresh/", {"refresh": pair["refresh"]}, format="json")
    assert answer.status_code == 200
    entry = OutstandingToken.objects.get(jti=RefreshToken(answer.json()["refresh"])["jti"])
    assert entry.user == user


@pytest.mark.parametrize("blacklisted", [False, True])
def test_the_user_is_named_across_a_relation(
    client: APIClient, user: User, settings: Any, blacklisted: bool
) -> None:
    """What is no field of the user's own is left to the ORM."""
    settings.SIMPLE_JWT = {
        "USER_ID_FIELD": "groups__name",
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": blacklisted,
    }
    user.groups.add(Group.objects.create(name="readers"))
    refresh = RefreshToken()
    refresh["user_id"] = "readers"
    assert client.get("/whoami/", headers=bearer(refresh.access_token)).status_code == 200
    answer = client.post("/api/token/refresh/", {"refresh": str(refresh)}, format="json")
    assert answer.status_code == 200
    entry = OutstandingToken.objects.get(jti=RefreshToken(answer.json()["refresh"])["jti"])
    assert entry.user == user
