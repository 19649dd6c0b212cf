"""The endpoints of the library that the project stands on."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

if settings.CONTESTANT == "native":
    urlpatterns = [path("api/", include("jotpass.auth.drf.urls"))]
else:
    from rest_framework_simplejwt import views

    urlpatterns = [
        path("api/token/", views.TokenObtainPairView.as_view()),
        path("api/token/refresh/", views.TokenRefreshView.as_view()),
        path("api/token/verify/", views.TokenVerifyView.as_view()),
        path("api/token/blacklist/", views.TokenBlacklistView.as_view()),
        path("api/sliding/", views.TokenObtainSlidingView.as_view()),
        path("api/sliding/refresh/", views.TokenRefreshSlidingView.as_view()),
    ]
