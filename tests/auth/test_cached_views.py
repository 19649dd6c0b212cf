"""Django's cache in front of plain views: what it keeps of one person, it gives to nobody else."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from django.views.decorators.cache import cache_page
from django.views.decorators.vary import vary_on_headers

from jotpass.auth.cookies import PREFIXED
from jotpass.auth.decorators import jwt_required
from jotpass.testing import token_for
from tests.auth.django_views import MIDDLEWARE
from tests.auth.people import create_user

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("transactional_db")

WITHOUT = MIDDLEWARE[:3]
WHOLE_SITE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *MIDDLEWARE,
    "django.middleware.cache.FetchFromCacheMiddleware",
]

_calls = count()


def page(request: Any) -> HttpResponse:
    """Say who calls, and how often anybody has."""
    return JsonResponse({"pk": str(request.user.pk), "call": next(_calls)})


async def page_async(request: HttpRequest) -> HttpResponse:
    """Say the same."""
    return page(request)


urlpatterns = [
    path("above/", cache_page(60)(jwt_required(page))),
    path("above-async/", non_atomic_requests(cache_page(60)(jwt_required(page_async)))),
    path("varied/", cache_page(60)(vary_on_headers("Authorization", "Cookie")(page))),
    path("plain/", page),
    path("protected/", jwt_required(page)),
]


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": __name__}
    with override_settings(
        ROOT_URLCONF=__name__, CACHES={"default": memory}, JOTPASS={"TRANSPORTS": ["cookie"]}
    ):
        cache.clear()
        yield


def _get(handler: str, address: str, by: str, token: str) -> Any:
    client: Any = Client() if handler == "wsgi" else AsyncClient()
    headers = {"Authorization": f"Bearer {token}"} if by == "header" else {}
    if by == "cookie":
        client.cookies[PREFIXED.access] = token
    get = client.get if handler == "wsgi" else async_to_sync(client.get)
    return get(address, headers=headers).json()


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
@pytest.mark.parametrize("by", ["header", "cookie"])
@pytest.mark.parametrize(
    ("address", "chain"),
    [
        ("/above/", WITHOUT),
        ("/above/", MIDDLEWARE),
        ("/above-async/", WITHOUT),
        ("/varied/", MIDDLEWARE),
        ("/plain/", WHOLE_SITE),
        ("/protected/", WHOLE_SITE),
    ],
)
def test_everybody_has_a_copy_of_their_own(handler: str, by: str, address: str, chain: list[str]) -> None:
    """With the cache above the decorator, around the middleware, or told what the answer varies by."""
    people = [create_user(), create_user("mallory")]
    tokens = [token_for(user) for user in people]
    with override_settings(MIDDLEWARE=chain):
        first = [_get(handler, address, by, token) for token in tokens]
        again = [_get(handler, address, by, token) for token in tokens]
    assert [answer["pk"] for answer in first] == [str(user.pk) for user in people]
    assert again == first


@pytest.mark.parametrize("handler", ["wsgi", "asgi"])
def test_nobody_is_let_in_by_what_is_kept_for_another(handler: str) -> None:
    """Without a token the answer is 401 still, and nobody is given that afterwards."""
    token = token_for(create_user())
    with override_settings(MIDDLEWARE=WITHOUT):
        refused = [_get(handler, "/above/", "nothing", "")]
        kept = _get(handler, "/above/", "cookie", token)
        refused.append(_get(handler, "/above/", "nothing", ""))
    assert [answer["code"] for answer in refused] == ["token_missing"] * 2
    assert "pk" in kept
