"""The app `token_blacklist`, under the label that the incumbent's migrations have."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TokenBlacklistConfig(AppConfig):
    """Outstanding and blacklisted tokens."""

    name = "rest_framework_simplejwt.token_blacklist"
    verbose_name = _("Token Blacklist")
    default_auto_field = "django.db.models.BigAutoField"
