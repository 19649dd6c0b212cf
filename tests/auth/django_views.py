"""Plain Django views, sync and async, for the middleware and the decorator to stand in front of.

Django serves async views outside of ATOMIC_REQUESTS only.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View

from jotpass.auth.decorators import jwt_required

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jotpass.auth.middleware.JWTAuthenticationMiddleware",
]


def _said(request: Any, user: Any) -> JsonResponse:
    code = request.auth_error and request.auth_error.code
    return JsonResponse(
        {
            "pk": None if isinstance(user, AnonymousUser) else str(user.pk),
            "sid": request.auth and request.auth.session_id,
            "auth_error": code,
        }
    )


def anybody(request: HttpRequest) -> HttpResponse:
    """Say who calls."""
    return _said(request, request.user)


@non_atomic_requests
async def anybody_async(request: HttpRequest) -> HttpResponse:
    """Say who calls, without reading anything of the user but the key."""
    return _said(request, request.user)


def name_of(request: Any) -> HttpResponse:
    """Read the user."""
    return HttpResponse(request.user.get_username())


@non_atomic_requests
async def name_of_async(request: Any) -> HttpResponse:
    """Read the user."""
    return HttpResponse((await request.auser()).get_username())


@jwt_required
def protected(request: HttpRequest) -> HttpResponse:
    """Say who calls, to nobody without a token."""
    return _said(request, request.user)


@non_atomic_requests
@jwt_required
async def protected_async(request: HttpRequest) -> HttpResponse:
    """Say who calls, to nobody without a token."""
    return _said(request, request.user)


@method_decorator(jwt_required, name="dispatch")
class Protected(View):
    """A class of views for those with a token."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say who calls."""
        return _said(request, request.user)

    post = get


@method_decorator(jwt_required, name="dispatch")
class ProtectedAsync(View):
    """A class of async views for those with a token."""

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Say who calls."""
        return _said(request, request.user)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Say who calls."""
        return _said(request, request.user)


urlpatterns = [
    path("api/", include("jotpass.auth.drf.urls")),
    path("", include("jotpass.auth.well_known")),
    path("", include("jotpass.auth.health")),
    path("anybody/", anybody),
    path("anybody-async/", anybody_async),
    path("name/", name_of),
    path("name-async/", name_of_async),
    path("protected/", protected),
    path("protected-async/", protected_async),
    path("protected-name/", jwt_required(name_of)),
    path("protected-name-async/", jwt_required(name_of_async)),
    path("scoped/", jwt_required(scopes=["read", "write"])(anybody)),
    path("scoped-async/", jwt_required(scopes="read write")(anybody_async)),
    path("recent/", jwt_required(max_age=300)(anybody)),
    path("class/", Protected.as_view()),
    path("class-async/", non_atomic_requests(ProtectedAsync.as_view())),
]
