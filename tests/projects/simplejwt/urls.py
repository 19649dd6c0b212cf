"""All six views under the names that the incumbent documents, the admin, and what the tokens open."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from rest_framework_simplejwt import views as jwt_views

from tests.projects.simplejwt.views import Stateless, WhoAmI

sliding = [
    path("token/", jwt_views.TokenObtainSlidingView.as_view(), name="token_obtain"),
    path("token/refresh/", jwt_views.TokenRefreshSlidingView.as_view(), name="token_refresh"),
]
urlpatterns = [
    path("api/token/", jwt_views.TokenObtainPairView.as_view(), name="token_obtain_pair"),
    path("api/token/refresh/", jwt_views.TokenRefreshView.as_view(), name="token_refresh"),
    path("api/token/verify/", jwt_views.TokenVerifyView.as_view(), name="token_verify"),
    path("api/token/blacklist/", jwt_views.TokenBlacklistView.as_view(), name="token_blacklist"),
    path("sliding/", include((sliding, "sliding"))),
    path("admin/", admin.site.urls),
    path("whoami/", WhoAmI.as_view(), name="whoami"),
    path("stateless/", Stateless.as_view(), name="stateless"),
]
