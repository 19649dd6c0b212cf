"""The app's place in Django: label ``jotpass``, its system checks and the receivers that watch accounts."""

from __future__ import annotations

from django.apps import AppConfig, apps


class JotpassConfig(AppConfig):
    """Jotpass in INSTALLED_APPS."""

    name = "jotpass.auth"
    label = "jotpass"
    verbose_name = "Jotpass"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks and watch the user model."""
        from jotpass.auth import account_changes, checks  # noqa: PLC0415 (needs the apps to be loaded)

        if apps.is_installed("drf_spectacular"):
            from jotpass.auth.drf import schema  # noqa: F401, PLC0415 (registers itself)

        checks.register()
        account_changes.connect()
