"""The endpoints: each reads one serializer, and answers what it says.

The docstrings of the views are shown to clients, in OpenAPI documents and in browsers: they say what
they always said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string
from rest_framework import generics, status
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from rest_framework_simplejwt import authentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.settings import LiveSetting
from rest_framework_simplejwt.settings import api_settings as api_settings  # noqa: PLC0414 (others import it from here)

if TYPE_CHECKING:
    from rest_framework.request import Request

AUTH_HEADER_TYPES: tuple[str, ...]


def __getattr__(name: str) -> Any:
    """Say what the settings say now, under the name that others import."""
    if name == "AUTH_HEADER_TYPES":
        return authentication.AUTH_HEADER_TYPES
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class TokenViewBase(generics.GenericAPIView[Any]):  # noqa: D101 (a project's view would show it as its own)
    permission_classes: Any = ()
    authentication_classes: Any = ()
    serializer_class: Any = None
    _serializer_class: Any = ""
    www_authenticate_realm = "api"

    def get_serializer_class(self) -> Any:
        """Take the view's own serializer, or the one that the settings name.

        Raises:
            ImportError: There is none of that name.
        """
        if self.serializer_class:
            return self.serializer_class
        try:
            return import_string(self._serializer_class)
        except ImportError as error:
            raise ImportError(f"Could not import serializer '{self._serializer_class}'") from error

    def get_authenticate_header(self, request: Request) -> str:
        """Write the challenge of a 401."""
        types = globals().get("AUTH_HEADER_TYPES") or authentication.AUTH_HEADER_TYPES
        return f'{types[0]} realm="{self.www_authenticate_realm}"'

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: D102
        # Without a docstring, which OpenAPI documents would show in place of the view's: 200 and what came
        # of it; InvalidToken, or ParseError for a body that cannot be read.
        try:
            data = request.data
        except RecursionError:
            # JSON, nested deeper than Python reads.
            raise ParseError from None
        serializer = self.get_serializer(data=data)
        try:
            serializer.is_valid(raise_exception=True)
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        return Response(serializer.validated_data, status=status.HTTP_200_OK)


class TokenObtainPairView(TokenViewBase):
    """Takes a set of user credentials and returns an access and refresh JSON web
    token pair to prove the authentication of those credentials.
    """  # noqa: D205

    _serializer_class = LiveSetting("TOKEN_OBTAIN_SERIALIZER")


token_obtain_pair = TokenObtainPairView.as_view()


class TokenRefreshView(TokenViewBase):
    """Takes a refresh type JSON web token and returns an access type JSON web
    token if the refresh token is valid.
    """  # noqa: D205

    _serializer_class = LiveSetting("TOKEN_REFRESH_SERIALIZER")


token_refresh = TokenRefreshView.as_view()


class TokenObtainSlidingView(TokenViewBase):
    """Takes a set of user credentials and returns a sliding JSON web token to
    prove the authentication of those credentials.
    """  # noqa: D205

    _serializer_class = LiveSetting("SLIDING_TOKEN_OBTAIN_SERIALIZER")


token_obtain_sliding = TokenObtainSlidingView.as_view()


class TokenRefreshSlidingView(TokenViewBase):
    """Takes a sliding JSON web token and returns a new, refreshed version if the
    token's refresh period has not expired.
    """  # noqa: D205

    _serializer_class = LiveSetting("SLIDING_TOKEN_REFRESH_SERIALIZER")


token_refresh_sliding = TokenRefreshSlidingView.as_view()


class TokenVerifyView(TokenViewBase):
    """Takes a token and indicates if it is valid.  This view provides no
    information about a token's fitness for a particular use.
    """  # noqa: D205

    _serializer_class = LiveSetting("TOKEN_VERIFY_SERIALIZER")


token_verify = TokenVerifyView.as_view()


class TokenBlacklistView(TokenViewBase):
    """Takes a token and blacklists it. Must be used with the
    `rest_framework_simplejwt.token_blacklist` app installed.
    """  # noqa: D205

    _serializer_class = LiveSetting("TOKEN_BLACKLIST_SERIALIZER")


token_blacklist = TokenBlacklistView.as_view()
