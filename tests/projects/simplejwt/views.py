"""A protected view for each authentication class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication

if TYPE_CHECKING:
    from rest_framework.request import Request


class WhoAmI(APIView):
    """Answers with the primary key of whoever calls, by the project's default authentication."""

    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        """The caller's primary key, as a string."""
        return Response({"pk": str(request.user.pk)})


class Stateless(WhoAmI):
    """The same, by the token alone."""

    authentication_classes = [JWTStatelessUserAuthentication]
