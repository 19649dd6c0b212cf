"""The view that is asked: the same for everybody, with nothing but the authentication between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.headless.contrib.rest_framework.authentication import (
    JWTTokenAuthentication as AllauthAuthentication,
)
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication as SimpleJWTAuthentication
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication

from jotpass.auth.drf.authentication import JWTAuthentication

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rest_framework.request import Request


class WhoAmI(APIView):
    """Answers the caller's primary key to whoever is signed in."""

    authentication_classes: Sequence[Any] = ()
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """All that most views read of a user."""
        return Response({"pk": request.user.pk})


VIEWS: Mapping[str, Any] = {
    name: type(f"{name.title()}View", (WhoAmI,), {"authentication_classes": (authentication,)})
    for name, authentication in {
        "jotpass": JWTAuthentication,
        "simplejwt": SimpleJWTAuthentication,
        "stateless": JWTStatelessUserAuthentication,
        "knox": KnoxAuthentication,
        "token": TokenAuthentication,
        "allauth": AllauthAuthentication,
    }.items()
}
