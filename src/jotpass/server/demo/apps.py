"""The demo as a Django application: templates and static files, no models."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The application of the landing page."""

    name = "jotpass.server.demo"
    label = "jotpass_demo"
    verbose_name = "Jotpass demo"
