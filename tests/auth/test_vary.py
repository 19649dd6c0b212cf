"""What a view of DRF answers one person, no cache gives to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from jotpass.auth import start_session
from jotpass.auth.cookies import PREFIXED
from jotpass.auth.drf.authentication import JWTAuthentication, OptionalJWTAuthentication

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rest_framework.request import Request


class Private(APIView):
    """Whoever signed in is told who that is."""

    authentication_classes: Sequence[Any] = (JWTAuthentication,)
    permission_classes: Sequence[Any] = (IsAuthenticated,)
    renderer_classes: Sequence[Any] = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        """Say who it is."""
        pk = request.user.pk
        return Response({"pk": None if pk is None else str(pk)})


class Public(Private):
    """Anybody is."""

    authentication_classes = (OptionalJWTAuthentication,)
    permission_classes = (AllowAny,)


class Several(Private):
    """The answer depends on more, and says so itself."""

    renderer_classes = (JSONRenderer, BrowsableAPIRenderer)

    def get(self, request: Request) -> HttpResponse:  # type: ignore[override]
        """Say who it is, by a response of Django."""
        return HttpResponse(request.user.pk, headers={"Vary": "Origin"})


urlpatterns = [
    path("private/", Private.as_view()),
    path("public/", Public.as_view()),
    path("several/", Several.as_view()),
]


@pytest.fixture(autouse=True)
def _cached_site(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    settings.JOTPASS = {"TRANSPORTS": ["cookie", "body"]}
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    cache.clear()
    yield
    cache.clear()


def ask(path: str, access: str | None, *, by_header: bool = False) -> Any:
    """Get an address, with a token."""
    sent = {"Authorization": f"Bearer {access}"} if by_header else {"Cookie": f"{PREFIXED.access}={access}"}
    return Client(headers=sent if access else {}).get(path, secure=True)


@pytest.mark.parametrize("by_header", [False, True], ids=["cookie", "header"])
@pytest.mark.parametrize("path", ["/private/", "/public/"])
def test_a_cache_keeps_people_apart(user: Any, django_user_model: Any, path: str, *, by_header: bool) -> None:
    """That of Django's own middleware: another person is told of themselves, and a stranger of nobody."""
    other = django_user_model.objects.create_user("other")
    for person in (user, other, user):
        answer = ask(path, start_session(person, transport="body").access, by_header=by_header)
        assert answer.json() == {"pk": str(person.pk)}
    assert ask(path, None).status_code == (401 if path == "/private/" else 200)
    assert ask(path, None).json().get("pk") is None


def test_a_cached_answer_is_given_again(user: Any, django_assert_num_queries: Any) -> None:
    """To the same person."""
    access = start_session(user, transport="body").access
    ask("/private/", access)
    with django_assert_num_queries(0):
        assert ask("/private/", access).json() == {"pk": str(user.pk)}


def varies(path: str, access: str | None) -> set[str]:
    """By what an answer varies."""
    names = ask(path, access)["Vary"].split(", ")
    assert len(set(names)) == len(names)
    return set(names)


def test_refusals_vary_too(settings: Any, user: Any) -> None:
    """And what a view says for itself stays."""
    access = start_session(user, transport="body").access
    assert varies("/private/", None) == varies("/private/", "x") == {"Authorization", "Cookie"}
    assert varies("/several/", access) == {"Accept", "Authorization", "Cookie", "Origin"}
    settings.JOTPASS = {"TRANSPORTS": ["body"]}
    assert varies("/private/", None) == {"Authorization"}
