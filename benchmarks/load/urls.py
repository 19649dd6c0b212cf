"""The same view for each, and the endpoints that rotate."""

from __future__ import annotations

from django.urls import include, path
from rest_framework_simplejwt.views import TokenRefreshView

from benchmarks.load.views import VIEWS

urlpatterns = [
    *(path(f"view/{name}/", view.as_view()) for name, view in VIEWS.items()),
    path("jotpass/", include("jotpass.auth.drf.urls")),
    path("simplejwt/refresh/", TokenRefreshView.as_view()),
    path("allauth/", include("allauth.headless.urls")),
]
