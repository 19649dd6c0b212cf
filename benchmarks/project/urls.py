"""Both libraries' own endpoints, and the views that are asked."""

from __future__ import annotations

from django.urls import include, path
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from benchmarks.project import views

urlpatterns = [
    path("jotpass/", include("jotpass.auth.drf.urls")),
    path("simplejwt/token/", TokenObtainPairView.as_view()),
    path("simplejwt/token/refresh/", TokenRefreshView.as_view()),
    path("pk/nobody/", views.PrimaryKey.as_view()),
    path("pk/jotpass/", views.JotpassPrimaryKey.as_view()),
    path("pk/simplejwt/", views.SimpleJWTPrimaryKey.as_view()),
    path("pk/stateless/", views.StatelessPrimaryKey.as_view()),
    path("user/jotpass/", views.JotpassWholeUser.as_view()),
    path("user/simplejwt/", views.SimpleJWTWholeUser.as_view()),
]
