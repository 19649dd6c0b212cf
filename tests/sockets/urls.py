"""The URLs of every host project, and a page whose scripts may try things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import path

from tests.projects.regular.urls import urlpatterns as regular_urls

if TYPE_CHECKING:
    from django.http import HttpRequest


def page(request: HttpRequest) -> HttpResponse:
    """An empty page."""
    return HttpResponse("<!doctype html><title>a page</title><p>Nothing to see.")


urlpatterns = [*regular_urls, path("page/", page)]
