"""The one backend that every token is signed and verified by, as the settings describe it at this moment."""

from __future__ import annotations

from typing import Any

from django.core.signals import setting_changed

from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.settings import api_settings


def _configuration() -> tuple[Any, ...]:
    return (
        api_settings.ALGORITHM,
        api_settings.SIGNING_KEY,
        api_settings.VERIFYING_KEY,
        api_settings.AUDIENCE,
        api_settings.ISSUER,
        api_settings.JWK_URL,
        api_settings.LEEWAY,
        api_settings.JSON_ENCODER,
    )


token_backend = TokenBackend(*_configuration())


def reconfigure(*, setting: str, **kwargs: object) -> None:
    """Follow a change of the settings; the object stays the same, wherever it was imported."""
    if setting in {"SIMPLE_JWT", "SECRET_KEY"}:
        token_backend.__init__(*_configuration())  # type: ignore[misc]


setting_changed.connect(reconfigure)
