"""The pages as a Django application: templates and static files, no models."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The application of the frame and its style."""

    name = "jotpass.pages"
    label = "jotpass_pages"
    verbose_name = "Jotpass pages"
