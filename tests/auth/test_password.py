"""Which backends are asked about a password, and under which name they get the user name."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.test import RequestFactory

from jotpass.auth.password import check_password
from tests.auth.http.contract import PASSWORD, Api, check_refusal

DJANGO = "django.contrib.auth.backends.ModelBackend"


class Backend:
    """What the two below share: they know who comes with the word "open sesame"."""

    def get_user(self, pk: Any) -> Any:
        """Find a user."""
        return get_user_model()._default_manager.filter(pk=pk).first()

    def find(self, name: str | None, password: str | None) -> Any:
        """Judge."""
        if password != "open sesame":
            return None
        return get_user_model()._default_manager.get_by_natural_key(name)


class ByUsername(Backend):
    """A backend in the words of Django's documentation."""

    def authenticate(self, request: object, username: str | None = None, password: str | None = None) -> Any:
        """Judge."""
        return self.find(username, password)


class ByEmail(Backend):
    """A backend that knows addresses alone."""

    def authenticate(self, request: object, email: str | None = None, password: str | None = None) -> Any:
        """Judge."""
        return self.find(email, password)


@pytest.fixture
def by_email(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user model signs its people in by e-mail address."""
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")


def _address(user: Any) -> str:
    user.email = "vitor@example.org"
    user.save()
    return "vitor@example.org"


@pytest.mark.parametrize(
    ("backends", "password", "found"),
    [
        ([DJANGO], PASSWORD, True),
        ([DJANGO], "open sesame", False),
        (["ByUsername"], "open sesame", True),
        (["ByEmail"], "open sesame", True),
        ([DJANGO, "ByUsername"], "open sesame", True),
        ([DJANGO, "ByUsername"], PASSWORD, True),
        (["ByEmail", DJANGO], "open sesame", True),
        (["ByEmail", DJANGO], PASSWORD, True),
    ],
)
def test_each_backend_understands(
    user: Any, by_email: None, settings: Any, backends: list[str], password: str, *, found: bool
) -> None:
    """A user model that signs in by e-mail address, and a backend of either spelling beside Django's."""
    address = _address(user)
    settings.AUTHENTICATION_BACKENDS = [name if "." in name else f"{__name__}.{name}" for name in backends]
    request = RequestFactory().post("/")
    assert check_password(request, address, password) == (user if found else None)


def test_failures_are_told_by_user_name(user: Any, by_email: None) -> None:
    """Who counts failures by ``username`` gets it once for each, at sign-in and at re-authentication."""
    api, address = Api(), _address(user)
    pair = api.sign_in(user)
    told: list[dict[str, Any]] = []

    def listen(credentials: dict[str, Any], **_: object) -> None:
        told.append(credentials)

    user_login_failed.connect(listen)
    try:
        check_refusal(api.post("token/", {"email": address, "password": "wrong"}), "no_active_account")
        check_refusal(
            api.post("session/reauthenticate/", {"password": "wrong"}, bearer=pair["access"]),
            "no_active_account",
        )
    finally:
        user_login_failed.disconnect(listen)
    assert [credentials["username"] for credentials in told] == [address, address]
    assert all("wrong" not in repr(credentials) for credentials in told)
