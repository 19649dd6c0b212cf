"""The views that are asked: the same twice over, with nothing but the authentication between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication as SimpleJWTAuthentication
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication

from jotpass.auth.drf.authentication import JWTAuthentication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.request import Request


class PrimaryKey(APIView):
    """Answers the caller's primary key; by itself, nobody's."""

    authentication_classes: Sequence[Any] = ()

    def get(self, request: Request) -> Response:
        """All that most views read of a user."""
        return Response({"pk": request.user.pk})


class JotpassPrimaryKey(PrimaryKey):
    """With Jotpass."""

    authentication_classes = (JWTAuthentication,)


class SimpleJWTPrimaryKey(PrimaryKey):
    """With simplejwt, which reads the user."""

    authentication_classes = (SimpleJWTAuthentication,)


class StatelessPrimaryKey(PrimaryKey):
    """With simplejwt, which makes up a user out of the token."""

    authentication_classes = (JWTStatelessUserAuthentication,)


class UserSerializer(ModelSerializer[User]):
    """A user as a profile page shows one."""

    class Meta:
        """Seven columns."""

        model = User
        fields = ("id", "username", "email", "first_name", "last_name", "is_active", "date_joined")


class WholeUser(APIView):
    """Answers the caller's profile."""

    def get(self, request: Request) -> Response:
        """What needs the user's row."""
        user: Any = request.user
        return Response(UserSerializer(user).data)


class JotpassWholeUser(WholeUser):
    """With Jotpass."""

    authentication_classes = (JWTAuthentication,)


class SimpleJWTWholeUser(WholeUser):
    """With simplejwt."""

    authentication_classes = (SimpleJWTAuthentication,)
