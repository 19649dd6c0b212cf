"""The URLs of the HTTP contract: ``path("api/", include("jotpass.auth.drf.urls"))``."""

from __future__ import annotations

from django.urls import path

from jotpass.auth.drf import views
from jotpass.auth.drf.introspection import TokenIntrospectView

app_name = "jotpass"

urlpatterns = [
    path("token/", views.TokenView.as_view(), name="token"),
    path("token/refresh/", views.TokenRefreshView.as_view(), name="token_refresh"),
    path("token/verify/", views.TokenVerifyView.as_view(), name="token_verify"),
    path("token/revoke/", views.TokenRevokeView.as_view(), name="token_revoke"),
    path("token/introspect/", TokenIntrospectView.as_view(), name="token_introspect"),
    path("logout/", views.SignOutView.as_view(), name="logout"),
    path("session/", views.SessionView.as_view(), name="session"),
    path("session/reauthenticate/", views.ReauthenticateView.as_view(), name="session_reauthenticate"),
    path("sessions/", views.SessionListView.as_view(), name="sessions"),
    path("sessions/<str:sid>/", views.SessionDetailView.as_view(), name="session_detail"),
]
