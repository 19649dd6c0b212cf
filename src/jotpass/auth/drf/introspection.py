"""POST token/introspect/: RFC 7662, for services that the setting INTROSPECTION_CLIENTS names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.debug import sensitive_variables
from rest_framework.response import Response

from jotpass.auth import errors
from jotpass.auth.client_secrets import basic_credentials, is_client
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.drf import serializers
from jotpass.auth.drf.contract_view import ContractView
from jotpass.auth.drf.parsers import StrictFormParser, StrictJSONParser
from jotpass.auth.introspection import introspect_token
from jotpass.auth.sites import chosen_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.request import Request


class TokenIntrospectView(ContractView):
    """POST token/introspect/: what is this access token, and is it good at this moment?"""

    parser_classes: Sequence[Any] = (StrictFormParser, StrictJSONParser)

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Describe the token (200), or answer ``{"active": false}``; 401 ``invalid_client`` to strangers."""
        credentials = basic_credentials(request.META.get("HTTP_AUTHORIZATION"))
        if credentials is None or not is_client(*credentials, jotpass_settings.INTROSPECTION_CLIENTS):
            raise errors.InvalidClient
        token = self.read(serializers.RevocationRequest)["token"]
        return Response(introspect_token(token, chosen_site(request)))
