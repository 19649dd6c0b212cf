"""The endpoints of the library that the project stands on."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from benchmarks.simplejwt.settings import CONTESTANT

urlpatterns: list[Any] = []
if CONTESTANT == "native":
    urlpatterns += [path("api/", include("jotpass.auth.drf.urls"))]
else:
    from rest_framework_simplejwt import views

    urlpatterns += [
        path("api/token/", views.TokenObtainPairView.as_view()),
        path("api/token/refresh/", views.TokenRefreshView.as_view()),
        path("api/token/verify/", views.TokenVerifyView.as_view()),
        path("api/token/blacklist/", views.TokenBlacklistView.as_view()),
        path("api/sliding/", views.TokenObtainSlidingView.as_view()),
        path("api/sliding/refresh/", views.TokenRefreshSlidingView.as_view()),
    ]
