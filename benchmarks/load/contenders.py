"""Who is measured: how each lets somebody in, how its tokens are made, and how it rotates."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from allauth.headless.tokens.strategies.jwt import internal as allauth_tokens
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from knox.models import AuthToken
from rest_framework.authtoken.models import Token
from rest_framework_simplejwt.tokens import RefreshToken

from benchmarks.figures import JOTPASS
from jotpass.auth.sessions import start_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one person holds: the Authorization header, and the refresh token where there is one."""

    header: str
    refresh: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """One library.

    Attributes:
        name: With its version.
        view: The path of its view.
        sign_in: Gives a person credentials.
        refresh: The path that rotates; empty where nothing does.
        member: What the refresh token is called there.
    """

    name: str
    view: str
    sign_in: Callable[[User], Credentials]
    refresh: str = ""
    member: str = "refresh"


def _jotpass(user: User) -> Credentials:
    pair = start_session(user)
    return Credentials(f"Bearer {pair.access}", pair.refresh)


def _simplejwt(user: User) -> Credentials:
    refresh = RefreshToken.for_user(user)
    return Credentials(f"Bearer {refresh.access_token}", str(refresh))


def _knox(user: User) -> Credentials:
    _, token = AuthToken.objects.create(user=user)
    return Credentials(f"Token {token}")


def _token(user: User) -> Credentials:
    return Credentials(f"Token {Token.objects.create(user=user).key}")


def _allauth(user: User) -> Credentials:
    request: Any = RequestFactory().get("/")
    request.session = SessionStore()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    access = allauth_tokens.create_access_token(user, request.session, {})
    refresh = allauth_tokens.create_refresh_token(user, request.session)
    request.session.save()
    return Credentials(f"Bearer {access}", refresh)


SIMPLEJWT: Final = f"simplejwt {version('djangorestframework-simplejwt')}"

CONTENDERS: Final = (
    Contender(JOTPASS, "/view/jotpass/", _jotpass, refresh="/jotpass/token/refresh/"),
    Contender(SIMPLEJWT, "/view/simplejwt/", _simplejwt, refresh="/simplejwt/refresh/"),
    Contender("its stateless user", "/view/stateless/", _simplejwt),
    Contender(f"knox {version('django-rest-knox')}", "/view/knox/", _knox),
    Contender(f"DRF TokenAuthentication {version('djangorestframework')}", "/view/token/", _token),
    Contender(
        f"allauth {version('django-allauth')} headless JWT",
        "/view/allauth/",
        _allauth,
        refresh="/allauth/app/v1/tokens/refresh",
        member="refresh_token",
    ),
)


def people(contender: Contender, count: int) -> Sequence[Credentials]:
    """Create so many people, each signed in with this contender."""
    word = contender.view.strip("/").rpartition("/")[2]
    users = User.objects.bulk_create(
        User(username=f"{word}-{number}", email=f"{word}-{number}@example.org") for number in range(count)
    )
    return [contender.sign_in(user) for user in users]
