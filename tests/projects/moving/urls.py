"""The views of djangorestframework-simplejwt and those of Jotpass, side by side."""

from __future__ import annotations

from django.urls import include, path
from rest_framework_simplejwt import views as jwt_views

urlpatterns = [
    path("old/token/", jwt_views.TokenObtainPairView.as_view(), name="token_obtain_pair"),
    path("old/token/refresh/", jwt_views.TokenRefreshView.as_view(), name="token_refresh"),
    path("old/token/blacklist/", jwt_views.TokenBlacklistView.as_view(), name="token_blacklist"),
    path("api/", include("jotpass.auth.drf.urls")),
]
