"""Users of whatever model the host project has, and what tokens say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.test import RequestFactory

from jotpass import jose
from jotpass.auth.models import Session, TokenFamily

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

PASSWORD: Final = "correct horse battery staple"


def create_user(name: str = "vitor", **fields: Any) -> Any:
    """A saved user named, or addressed, by this name."""
    return _manager().create_user(_natural_key(name), password=PASSWORD, **fields)


def create_superuser(name: str = "admin") -> Any:
    """A saved user who may do everything in the admin."""
    return _manager().create_superuser(_natural_key(name), password=PASSWORD)


def _manager() -> Any:
    return get_user_model()._default_manager


def _natural_key(name: str) -> str:
    return f"{name}@example.org" if get_user_model().USERNAME_FIELD == "email" else name


def vanish(user: Any) -> None:
    """Take the user's row away as no code of Django would: nobody is told."""
    for model in (TokenFamily, Session, type(user)):
        model._base_manager.all()._raw_delete("default")


def claims_of(token: str) -> Mapping[str, Any]:
    """What a token says."""
    return jose.peek_unverified(token).claims


def request_from(address: str, user_agent: str = "Test/1") -> HttpRequest:
    """A request as it comes from an address."""
    return RequestFactory().post("/", REMOTE_ADDR=address, HTTP_USER_AGENT=user_agent)
