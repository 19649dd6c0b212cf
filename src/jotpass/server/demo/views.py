"""The two views of the demo: the landing page and the smallest protected endpoint there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.decorators import api_view
from rest_framework.response import Response

from jotpass.pages.content_security_policy import content_security_policy
from jotpass.server.demo.person import PASSWORD, USERNAME

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from rest_framework.request import Request


@require_safe
@never_cache
@content_security_policy()
def landing(request: HttpRequest) -> HttpResponse:
    """Show the page on which a person signs in and watches the tokens live and die."""
    origin = f"{request.scheme}://{request.get_host()}"
    return render(
        request, "jotpass_demo/landing.html", {"origin": origin, "username": USERNAME, "password": PASSWORD}
    )


@api_view(["GET"])
def hello(request: Request) -> Response:
    """Greet the user behind the access token; without one, the project's default permission answers 401."""
    return Response({"message": f"Hello, {request.user.get_username()}!"})
