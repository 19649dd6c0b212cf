"""The URLs of the project with django-axes."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/", include("jotpass.auth.drf.urls"))]
