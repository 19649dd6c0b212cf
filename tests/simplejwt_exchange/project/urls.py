"""All six views, and what a token opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt import views

if TYPE_CHECKING:
    from rest_framework.request import Request


class WhoAmI(APIView):
    """Answers with the caller's primary key."""

    def get(self, request: Request) -> Response:
        """The primary key, as a string."""
        return Response({"pk": str(request.user.pk)})


urlpatterns = [
    path("token/", views.TokenObtainPairView.as_view()),
    path("token/refresh/", views.TokenRefreshView.as_view()),
    path("token/verify/", views.TokenVerifyView.as_view()),
    path("token/blacklist/", views.TokenBlacklistView.as_view()),
    path("sliding/", views.TokenObtainSlidingView.as_view()),
    path("sliding/refresh/", views.TokenRefreshSlidingView.as_view()),
    path("whoami/", WhoAmI.as_view()),
    path("admin/", admin.site.urls),
]
