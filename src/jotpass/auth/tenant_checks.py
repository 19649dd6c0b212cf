"""A system check about ``django-tenants``: all tenants share the tables of Jotpass.

Nothing is imported from that package: its settings are read where it is installed.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning


def check_tenants(**_: object) -> list[CheckMessage]:
    """One process knows one set of revocations, and reads it from one table (W023)."""
    ours = apps.get_app_config("jotpass")
    names = {ours.name, f"{type(ours).__module__}.{type(ours).__qualname__}"}
    if "django_tenants" not in settings.INSTALLED_APPS:
        return []
    if names.isdisjoint(getattr(settings, "TENANT_APPS", ())):
        return []
    return [
        CheckWarning(
            f"{ours.name} is in TENANT_APPS: revocations are read in the schema of one tenant alone.",
            "Name it, and the app of the user model, in SHARED_APPS alone.",
            id="jotpass.W023",
        )
    ]
