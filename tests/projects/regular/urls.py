"""The URLs of every host project: the API of Jotpass, its public keys, the admin, and one protected view."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from tests.projects.regular.views import WhoAmI

urlpatterns = [
    path("api/", include("jotpass.auth.drf.urls")),
    path("", include("jotpass.auth.well_known")),
    path("", include("jotpass.auth.health")),
    path("admin/", admin.site.urls),
    path("whoami/", WhoAmI.as_view(), name="whoami"),
]
