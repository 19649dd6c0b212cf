"""Who sends a request: by the token in its Authorization header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _
from rest_framework import HTTP_HEADER_ENCODING, authentication

from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken, TokenError
from rest_framework_simplejwt.holders import holder_of
from rest_framework_simplejwt.models import TokenUser
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import get_md5_hash_password

if TYPE_CHECKING:
    from rest_framework.request import Request

    from rest_framework_simplejwt.tokens import Token

AUTH_HEADER_TYPES: tuple[str, ...]
AUTH_HEADER_TYPE_BYTES: set[bytes]

_SCHEME_AND_TOKEN = 2

AuthUser = TypeVar("AuthUser", AbstractBaseUser, TokenUser)


def __getattr__(name: str) -> Any:
    """Say what the settings say now, under the names that others import."""
    if name == "AUTH_HEADER_TYPES":
        return _header_types()
    if name == "AUTH_HEADER_TYPE_BYTES":
        return {word.encode(HTTP_HEADER_ENCODING) for word in _header_types()}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _header_types() -> tuple[str, ...]:
    # In the module's globals is what a test has put in their place.
    types = globals().get("AUTH_HEADER_TYPES") or api_settings.AUTH_HEADER_TYPES
    return tuple(types) if isinstance(types, list | tuple) else (types,)


def _is_header_type(word: bytes) -> bool:
    words = globals().get("AUTH_HEADER_TYPE_BYTES")
    return word.decode(HTTP_HEADER_ENCODING) in _header_types() if words is None else word in words


class JWTAuthentication(authentication.BaseAuthentication):
    """Takes the token out of the header, and reads its user from the database."""

    www_authenticate_realm = "api"
    media_type = "application/json"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look up the project's user model."""
        super().__init__(*args, **kwargs)
        self.user_model: Any = get_user_model()

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """Return the user and the token, or None where no token came.

        Raises:
            AuthenticationFailed: The token is refused, or its user is.
        """
        header = self.get_header(request)
        raw_token = None if header is None else self.get_raw_token(header)
        if raw_token is None:
            return None
        token = self.get_validated_token(raw_token)
        return self.get_user(token), token

    def authenticate_header(self, request: Request) -> str:
        """Write the challenge of a 401."""
        return f'{_header_types()[0]} realm="{self.www_authenticate_realm}"'

    def get_header(self, request: Request) -> bytes | None:
        """Return the header that the token would be in."""
        header = request.META.get(api_settings.AUTH_HEADER_NAME)
        return header.encode(HTTP_HEADER_ENCODING, "replace") if isinstance(header, str) else header

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token in a header, None where the header is about something else.

        Raises:
            AuthenticationFailed: It is about a token, and holds none or too many.
        """
        parts = header.split()
        if not parts or not _is_header_type(parts[0]):
            return None
        if len(parts) != _SCHEME_AND_TOKEN:
            raise AuthenticationFailed(
                _("Authorization header must contain two space-delimited values"),
                code="bad_authorization_header",
            )
        return parts[1]

    def get_validated_token(self, raw_token: bytes) -> Token:
        """Verify a token as each of AUTH_TOKEN_CLASSES in turn.

        Raises:
            InvalidToken: It is none of them; the messages tell why for each.
        """
        messages = []
        for token_class in api_settings.AUTH_TOKEN_CLASSES:
            try:
                token: Token = token_class(raw_token)
            except TokenError as error:
                messages.append(
                    {
                        "token_class": token_class.__name__,
                        "token_type": token_class.token_type,
                        "message": error.args[0],
                    }
                )
            else:
                return token
        raise InvalidToken({"detail": _("Given token not valid for any token type"), "messages": messages})

    def get_user(self, validated_token: Token) -> Any:
        """Read the user that a token names.

        Raises:
            InvalidToken: It names none.
            AuthenticationFailed: There is no such user, or the user may not enter.
        """
        if api_settings.USER_ID_CLAIM not in validated_token:
            raise InvalidToken(_("Token contained no recognizable user identification"))
        user = holder_of(validated_token, self.user_model)
        if user is None:
            raise AuthenticationFailed(_("User not found"), code="user_not_found")
        if api_settings.CHECK_USER_IS_ACTIVE and not user.is_active:
            raise AuthenticationFailed(_("User is inactive"), code="user_inactive")
        if api_settings.CHECK_REVOKE_TOKEN and validated_token.get(
            api_settings.REVOKE_TOKEN_CLAIM
        ) != get_md5_hash_password(user.password):
            raise AuthenticationFailed(_("The user's password has been changed."), code="password_changed")
        return user


class JWTStatelessUserAuthentication(JWTAuthentication):
    """Takes the token's word for who it is, and asks no table."""

    def get_user(self, validated_token: Token) -> Any:
        """Return the user that the token describes.

        Raises:
            InvalidToken: It names none.
        """
        if api_settings.USER_ID_CLAIM not in validated_token:
            raise InvalidToken(_("Token contained no recognizable user identification"))
        return api_settings.TOKEN_USER_CLASS(validated_token)


JWTTokenUserAuthentication = JWTStatelessUserAuthentication


def default_user_authentication_rule(user: Any) -> bool:
    """Let in whoever there is and is active; with CHECK_USER_IS_ACTIVE off, whoever there is."""
    return user is not None and (not api_settings.CHECK_USER_IS_ACTIVE or bool(user.is_active))
