"""The contract, its schema, and a view of the project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from jotpass.auth.drf.authentication import JWTAuthentication, OptionalJWTAuthentication

if TYPE_CHECKING:
    from rest_framework.request import Request


class OwnAuthentication(JWTAuthentication):
    """A class that a project has made of ours."""


class WhoAmI(APIView):
    """A view that the project's defaults protect."""

    @extend_schema(responses={204: None})
    def get(self, request: Request) -> Response:
        """Answer nothing."""
        return Response(status=204)


class WhoAreYou(WhoAmI):
    """A view that the project protects in its own way."""

    authentication_classes = (OwnAuthentication,)


class Shop(WhoAmI):
    """A public view, which knows who calls if they say so."""

    authentication_classes = (OptionalJWTAuthentication,)


urlpatterns = [
    path("api/", include("jotpass.auth.drf.urls")),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[])),
    path("whoami/", WhoAmI.as_view()),
    path("shop/", Shop.as_view()),
    path("whoareyou/", WhoAreYou.as_view()),
]
