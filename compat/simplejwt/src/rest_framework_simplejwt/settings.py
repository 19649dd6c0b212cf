"""The setting SIMPLE_JWT: its names, their defaults, and what it says at this moment.

Nothing is frozen at import: `override_settings` reaches every lifetime, key and switch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.translation import gettext_lazy as _
from rest_framework.settings import APISettings as DRFSettings

from rest_framework_simplejwt.utils import format_lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

USER_SETTINGS: dict[str, Any] | None

DEFAULTS: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    "ROTATE_REFRESH_TOKENS": False,
    "BLACKLIST_AFTER_ROTATION": False,
    "UPDATE_LAST_LOGIN": False,
    "ALGORITHM": "HS256",
    "SIGNING_KEY": settings.SECRET_KEY,
    "VERIFYING_KEY": "",
    "AUDIENCE": None,
    "ISSUER": None,
    "JSON_ENCODER": None,
    "JWK_URL": None,
    "LEEWAY": 0,
    "AUTH_HEADER_TYPES": ("Bearer",),
    "AUTH_HEADER_NAME": "HTTP_AUTHORIZATION",
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "user_id",
    "USER_AUTHENTICATION_RULE": "rest_framework_simplejwt.authentication.default_user_authentication_rule",
    "ON_LOGIN_SUCCESS": "rest_framework_simplejwt.serializers.default_on_login_success",
    "ON_LOGIN_FAILED": "rest_framework_simplejwt.serializers.default_on_login_failed",
    "AUTH_TOKEN_CLASSES": ("rest_framework_simplejwt.tokens.AccessToken",),
    "TOKEN_TYPE_CLAIM": "token_type",
    "JTI_CLAIM": "jti",
    "TOKEN_USER_CLASS": "rest_framework_simplejwt.models.TokenUser",
    "SLIDING_TOKEN_REFRESH_EXP_CLAIM": "refresh_exp",
    "SLIDING_TOKEN_LIFETIME": timedelta(minutes=5),
    "SLIDING_TOKEN_REFRESH_LIFETIME": timedelta(days=1),
    "TOKEN_OBTAIN_SERIALIZER": "rest_framework_simplejwt.serializers.TokenObtainPairSerializer",
    "TOKEN_REFRESH_SERIALIZER": "rest_framework_simplejwt.serializers.TokenRefreshSerializer",
    "TOKEN_VERIFY_SERIALIZER": "rest_framework_simplejwt.serializers.TokenVerifySerializer",
    "TOKEN_BLACKLIST_SERIALIZER": "rest_framework_simplejwt.serializers.TokenBlacklistSerializer",
    "SLIDING_TOKEN_OBTAIN_SERIALIZER": "rest_framework_simplejwt.serializers.TokenObtainSlidingSerializer",
    "SLIDING_TOKEN_REFRESH_SERIALIZER": "rest_framework_simplejwt.serializers.TokenRefreshSlidingSerializer",
    "CHECK_REVOKE_TOKEN": False,
    "REVOKE_TOKEN_CLAIM": "hash_password",
    "CHECK_USER_IS_ACTIVE": True,
}

IMPORT_STRINGS = (
    "AUTH_TOKEN_CLASSES",
    "JSON_ENCODER",
    "TOKEN_USER_CLASS",
    "USER_AUTHENTICATION_RULE",
    "ON_LOGIN_SUCCESS",
    "ON_LOGIN_FAILED",
)

REMOVED_SETTINGS = ("AUTH_HEADER_TYPE", "AUTH_TOKEN_CLASS", "SECRET_KEY", "TOKEN_BACKEND_CLASS")


def __getattr__(name: str) -> Any:
    """Say what the project has set now, under the name that others import."""
    if name == "USER_SETTINGS":
        return getattr(settings, "SIMPLE_JWT", None)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class APISettings(DRFSettings):
    """SIMPLE_JWT as attributes; each is read when it is first asked for, and again after a change.

    Raises:
        RuntimeError: SIMPLE_JWT has a name that was removed long ago.
    """

    _user_settings: dict[str, Any]

    def __init__(
        self,
        user_settings: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        import_strings: tuple[str, ...] | None = None,
    ) -> None:
        """Take SIMPLE_JWT from Django's settings, unless a mapping is given."""
        super().__init__(None, defaults or DEFAULTS, import_strings or IMPORT_STRINGS)  # type: ignore[arg-type]  # DRF's own names
        if user_settings is not None:
            self._user_settings = _checked(dict(user_settings))

    @property
    def user_settings(self) -> dict[str, Any]:
        """What the project has set."""
        if not hasattr(self, "_user_settings"):
            self._user_settings = _checked(dict(getattr(settings, "SIMPLE_JWT", None) or {}))
        return self._user_settings

    def reload(self) -> None:
        """Forget what was read."""
        for name in self._cached_attrs:
            # A test may have taken one away.
            self.__dict__.pop(name, None)
        self._cached_attrs.clear()
        self.__dict__.pop("_user_settings", None)


def _checked(user_settings: dict[str, Any]) -> dict[str, Any]:
    for name in REMOVED_SETTINGS:
        if name in user_settings:
            text = _("The '{}' setting has been removed. Please refer to '{}' for available settings.")
            page = "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html"
            raise RuntimeError(format_lazy(text, name, page))
    return user_settings


api_settings = APISettings(None, DEFAULTS, IMPORT_STRINGS)


def reload_api_settings(*, setting: str, **kwargs: object) -> None:
    """Read again what has changed."""
    if setting in {"SIMPLE_JWT", "SECRET_KEY"}:
        DEFAULTS["SIGNING_KEY"] = settings.SECRET_KEY
        api_settings.reload()


setting_changed.connect(reload_api_settings)


class LiveSetting:
    """A class attribute that says what a setting says now; a subclass or an instance may set its own.

    Args:
        read: The setting's name, or what to make of the settings.
    """

    def __init__(self, read: str | Callable[[APISettings], Any]) -> None:
        """Keep the name or the function."""
        self._read = read

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Read it."""
        read = self._read
        return getattr(api_settings, read) if isinstance(read, str) else read(api_settings)
