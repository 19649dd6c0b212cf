"""What the endpoints read, and what comes of it.

The serializers have no docstrings: OpenAPI documents, a project's own included, would show them.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import AbstractBaseUser, update_last_login
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, ValidationError

from rest_framework_simplejwt.holders import holder_of
from rest_framework_simplejwt.models import TokenUser
from rest_framework_simplejwt.replacing import rotated, take_back
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import BlacklistMixin, RefreshToken, SlidingToken, Token, UntypedToken
from rest_framework_simplejwt.utils import get_md5_hash_password

AuthUser = TypeVar("AuthUser", AbstractBaseUser, TokenUser)


def default_on_login_success(user: Any, request: Any) -> None:
    """Note the time of the sign-in, where UPDATE_LAST_LOGIN says so."""
    if api_settings.UPDATE_LAST_LOGIN:
        update_last_login(None, user)  # type: ignore[arg-type]


def default_on_login_failed(credentials: dict[str, Any], request: Any) -> None:
    """Do nothing: Django has sent `user_login_failed`."""


class PasswordField(serializers.CharField):
    """Is written and never read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let forms hide it."""
        kwargs["style"] = {**(kwargs.get("style") or {}), "input_type": "password"}
        kwargs["write_only"] = True
        super().__init__(*args, **kwargs)


class TokenObtainSerializer(serializers.Serializer[Any]):  # noqa: D101
    username_field = get_user_model().USERNAME_FIELD
    token_class: ClassVar[type[Token] | None] = None

    default_error_messages = {
        "no_active_account": _("No active account found with the given credentials"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the field as the user model does."""
        super().__init__(*args, **kwargs)
        self.fields[self.username_field] = serializers.CharField(write_only=True)
        self.fields["password"] = PasswordField()

    @sensitive_variables()
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask the authentication backends.

        Raises:
            AuthenticationFailed: They know nobody, or USER_AUTHENTICATION_RULE does not let the person in.
        """
        credentials = {
            self.username_field: attrs[self.username_field],
            "password": attrs["password"],
        }
        if "request" in self.context:
            credentials["request"] = self.context["request"]
        self.user: Any = authenticate(**credentials)
        if not api_settings.USER_AUTHENTICATION_RULE(self.user):
            hidden = {name: value for name, value in credentials.items() if name == self.username_field}
            api_settings.ON_LOGIN_FAILED(hidden | {"password": "*" * 20}, self.context.get("request"))
            raise AuthenticationFailed(self.error_messages["no_active_account"], "no_active_account")
        return {}

    @classmethod
    def get_token(cls, user: Any) -> Token:
        """Begin the token; the place for claims of your own."""
        if cls.token_class is None:
            raise NotImplementedError("a subclass names the class of its tokens")
        return cls.token_class.for_user(user)


class TokenObtainPairSerializer(TokenObtainSerializer):  # noqa: D101
    token_class = RefreshToken

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Sign the pair."""
        data = super().validate(attrs)
        refresh: Any = self.get_token(self.user)
        data |= {"refresh": str(refresh), "access": str(refresh.access_token)}
        api_settings.ON_LOGIN_SUCCESS(self.user, self.context.get("request"))
        return data


class TokenObtainSlidingSerializer(TokenObtainSerializer):  # noqa: D101
    token_class = SlidingToken

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Sign it."""
        data = super().validate(attrs)
        data["token"] = str(self.get_token(self.user))
        api_settings.ON_LOGIN_SUCCESS(self.user, self.context.get("request"))
        return data


class _OfSomebody(serializers.Serializer[Any]):
    default_error_messages = {
        "no_active_account": _("No active account found for the given token."),
        "password_changed": _("The user's password has been changed."),
    }

    def check_user(self, token: Token) -> None:
        """Ask for its user, where it names one.

        Raises:
            AuthenticationFailed: There is none any more, USER_AUTHENTICATION_RULE says no, or the password
                has been changed since and CHECK_REVOKE_TOKEN is on. Then the token is taken back, too.
        """
        if not token.get(api_settings.USER_ID_CLAIM):
            return
        user = holder_of(token, get_user_model())
        if user is None or not api_settings.USER_AUTHENTICATION_RULE(user):
            raise AuthenticationFailed(self.error_messages["no_active_account"], "no_active_account")
        if api_settings.CHECK_REVOKE_TOKEN and token.get(
            api_settings.REVOKE_TOKEN_CLAIM
        ) != get_md5_hash_password(user.password):
            take_back(token)
            raise AuthenticationFailed(self.error_messages["password_changed"], "password_changed")


class TokenRefreshSerializer(_OfSomebody):  # noqa: D101
    refresh = serializers.CharField()
    access = serializers.CharField(read_only=True)
    token_class: ClassVar[type[Any]] = RefreshToken

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exchange it.

        Raises:
            TokenError: It is refused, or somebody else has exchanged it meanwhile.
        """
        refresh = self.token_class(attrs["refresh"])
        self.check_user(refresh)
        data = {"access": str(refresh.access_token)}
        if api_settings.ROTATE_REFRESH_TOKENS:
            data["refresh"] = rotated(refresh)
        return data


class TokenRefreshSlidingSerializer(_OfSomebody):  # noqa: D101
    token = serializers.CharField()
    token_class: ClassVar[type[Any]] = SlidingToken

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let it live on.

        Raises:
            TokenError: It is refused, or its ``refresh_exp`` is over.
        """
        token = self.token_class(attrs["token"])
        self.check_user(token)
        token.check_exp(api_settings.SLIDING_TOKEN_REFRESH_EXP_CLAIM)
        token.set_exp()
        token.set_iat()
        return {"token": str(token)}


class TokenVerifySerializer(serializers.Serializer[Any]):  # noqa: D101
    token = serializers.CharField(write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Judge it.

        Raises:
            TokenError: It is refused.
            ValidationError: It was taken back.
        """
        token = UntypedToken(attrs["token"])
        if _may_be_in_the_books(token) and apps.is_installed("rest_framework_simplejwt.token_blacklist"):
            from rest_framework_simplejwt.token_blacklist import books  # noqa: PLC0415 (its tables may not exist)

            if books.is_blacklisted(token):
                raise ValidationError(_("Token is blacklisted"))
        return {}


def _may_be_in_the_books(token: Token) -> bool:
    """Tell whether to look: an access token is in none, unless its class says otherwise."""
    if api_settings.BLACKLIST_AFTER_ROTATION:
        return True
    token_type = token.get(api_settings.TOKEN_TYPE_CLAIM)
    return not any(
        known.token_type == token_type and not issubclass(known, BlacklistMixin)
        for known in api_settings.AUTH_TOKEN_CLASSES
    )


class TokenBlacklistSerializer(serializers.Serializer[Any]):  # noqa: D101
    refresh = serializers.CharField(write_only=True)
    token_class: ClassVar[type[Any]] = RefreshToken

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take it back.

        Raises:
            TokenError: It is refused.
        """
        take_back(self.token_class(attrs["refresh"]))
        return {}
