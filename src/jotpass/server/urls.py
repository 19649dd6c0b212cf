"""URLs of the ready-made project: the API, the published keys, the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/", include("jotpass.auth.drf.urls")),
    path("", include("jotpass.auth.well_known")),
    path("", include("jotpass.auth.health")),
    path("admin/", admin.site.urls),
]

handler400 = "jotpass.server.errors.bad_request"
handler403 = "jotpass.server.errors.permission_denied"
handler404 = "jotpass.server.errors.not_found"
handler500 = "jotpass.server.errors.server_error"
