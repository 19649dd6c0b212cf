"""URLs of the demo: those of the ready-made project, a protected endpoint and the landing page."""

from __future__ import annotations

from django.urls import path

from jotpass.server import urls
from jotpass.server.demo.views import hello, landing

urlpatterns = [
    path("", landing, name="landing"),
    path("api/hello/", hello, name="hello"),
    *urls.urlpatterns,
]

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
