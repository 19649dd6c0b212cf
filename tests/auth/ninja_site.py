"""Two APIs of Django Ninja: one that answers in the one shape, and one as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import path
from ninja import NinjaAPI

from jotpass.auth import errors
from jotpass.auth.ninja import JWTAuth, answer_in_one_shape

if TYPE_CHECKING:
    from django.http import HttpRequest

api = NinjaAPI(auth=JWTAuth(), urls_namespace="ninja", docs_url=None)
answer_in_one_shape(api)
plain = NinjaAPI(auth=JWTAuth(), urls_namespace="plain", docs_url=None)


def _somebody(request: HttpRequest) -> str:
    return "somebody else"


@api.get("/sync")
@plain.get("/sync")
def who(request: Any) -> dict[str, str]:
    """Say who calls."""
    return {
        "pk": str(request.user.pk),
        "name": request.user.get_username(),
        "sid": request.auth.session_id,
    }


@api.get("/async")
@plain.get("/async")
async def who_async(request: Any) -> dict[str, str]:
    """Say who calls."""
    user = await request.auser()
    return {"pk": str(request.user.pk), "name": user.get_username(), "sid": request.auth.session_id}


@api.get("/key")
def key(request: Any) -> str:
    """Say the key of who calls, and read nothing."""
    return str(request.user.pk)


@api.get("/either-sync", auth=[JWTAuth(), _somebody])
def either(request: Any) -> str:
    """Say who was let in."""
    return str(request.auth)


@api.get("/either-async", auth=[JWTAuth(), _somebody])
async def either_async(request: Any) -> str:
    """Say who was let in."""
    return str(request.auth)


@api.get("/fails-sync")
def fails(request: Any) -> str:
    """Let an error go by."""
    raise errors.SessionUnknown


@api.get("/fails-async")
async def fails_async(request: Any) -> str:
    """Let an error go by."""
    raise errors.SessionUnknown


urlpatterns = [path("ninja/", api.urls), path("plain/", plain.urls)]
