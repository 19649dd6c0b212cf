"""User models whose people are named by a number or a UUID, or that were written from scratch."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.signals import user_login_failed
from django.core.management import CommandError, call_command
from django.db import models
from django.test import RequestFactory

from jotpass.auth.password import check_password
from jotpass.auth.user_name import stored_username
from tests.auth.http.contract import PASSWORD, Api, check_refusal
from tests.auth.people import create_user

if TYPE_CHECKING:
    from jotpass.auth.events import Event

NOBODY = ["nobody", "1e5", "0x1f", "NaN", "9" * 60, "\N{SNOWMAN}", "-", "1; DROP TABLE", "g" * 32]


@pytest.fixture
def person(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody who is named by the primary key: a number in one host project, a UUID in another."""
    found = create_user()
    model = get_user_model()
    monkeypatch.setattr(model, "USERNAME_FIELD", model._meta.pk.name)
    return found


def _sign_in(username: str, password: str) -> Any:
    return Api().post("token/", {"username": username, "password": password})


def test_a_person_signs_in_by_it(person: Any) -> None:
    """Written as text, as the contract wants every user name."""
    pair = Api().sign_in(person, username=str(person.pk))
    again = Api().post("session/reauthenticate/", {"password": PASSWORD}, bearer=pair["access"])
    assert again.status_code == 200


@pytest.mark.parametrize("name", NOBODY)
def test_what_the_field_cannot_hold_is_nobody(person: Any, events: list[Event], name: str) -> None:
    """The same 401, event, signal and work as for any other name that nobody has."""
    told: list[dict[str, Any]] = []
    hashed: list[str] = []

    def listen(credentials: dict[str, Any], **_: object) -> None:
        told.append(credentials)

    encode = MD5PasswordHasher.encode

    def count(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    user_login_failed.connect(listen)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MD5PasswordHasher, "encode", count)
            check_refusal(_sign_in(name, PASSWORD), "no_active_account")
    finally:
        user_login_failed.disconnect(listen)
    assert [event.name for event in events] == ["sign_in_failed"]
    assert [credentials["username"] for credentials in told] == [name]
    assert PASSWORD not in repr(told)
    assert hashed == [PASSWORD]


def test_it_is_counted(person: Any, settings: Any) -> None:
    """Guessing at names that cannot be is limited like any other."""
    settings.JOTPASS = {"SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": (2, 3600)}
    for _ in range(2):
        check_refusal(_sign_in("nobody", PASSWORD), "no_active_account")
    check_refusal(_sign_in("nobody", PASSWORD), "throttled")


def test_all_spellings_are_counted_as_one(person: Any, settings: Any) -> None:
    """Else each would be another allowance for guesses at the same person."""
    settings.JOTPASS = {"SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": (2, 3600)}
    if isinstance(person.pk, uuid.UUID):
        spellings = [str(person.pk), person.pk.hex, person.pk.urn]
    else:
        spellings = [str(person.pk), f"0{person.pk}", f"00{person.pk}"]
    for spelling in spellings[:2]:
        check_refusal(_sign_in(spelling, "wrong"), "no_active_account")
    check_refusal(_sign_in(spellings[2], PASSWORD), "throttled")


def test_a_mistake_of_a_backend_is_not_hidden(person: Any, settings: Any) -> None:
    """What it raises for a good name is the project's to see."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Faulty"]
    with pytest.raises(ValueError, match="a mistake"):
        check_password(RequestFactory().post("/"), str(person.pk), PASSWORD)
    assert check_password(RequestFactory().post("/"), "nobody", PASSWORD) is None


class Faulty:
    """A backend that fails for everybody."""

    def authenticate(self, request: object, username: str | None = None, password: str | None = None) -> Any:
        """Fail."""
        raise ValueError("a mistake")


def test_the_command_knows_no_such_user(person: Any) -> None:
    """And says so without a traceback."""
    with pytest.raises(CommandError, match="No such user"):
        call_command("jotpass", "sessions", "--user", "nobody")


def test_a_user_model_need_not_normalize(
    user: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was written from scratch has no `normalize_username`."""
    monkeypatch.delattr(AbstractBaseUser, "normalize_username")
    assert Api().sign_in(user)


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        (models.CharField(), " 042 ", " 042 "),
        (models.EmailField(), "Vitor@example.org", "Vitor@example.org"),
        (models.BigIntegerField(), " 042 ", "42"),
        (models.BigIntegerField(), "4.2", None),
        (models.UUIDField(), "0" * 32, str(uuid.UUID(int=0))),
        (models.UUIDField(), "0" * 31, None),
        (models.DateField(), "2026-11-31", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Field) else repr(value),
)
def test_a_name_is_what_the_field_holds(
    db: None, monkeypatch: pytest.MonkeyPatch, field: Any, typed: str, stored: str | None
) -> None:
    """Text is left alone; what is no value of the field is nobody's name."""
    monkeypatch.setattr(get_user_model()._meta, "get_field", lambda _: field)
    found = stored_username(typed)
    assert (found and found.replace("-", "")) == (stored and stored.replace("-", ""))
