"""What every view of the contract has in common: JSON in and out, one error shape, nothing cached, no transaction.

None of this is taken from the project's REST_FRAMEWORK settings: the contract is the same in every project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from jotpass.auth import errors
from jotpass.auth.bearer import challenge
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.drf.authentication import JWTAuthentication
from jotpass.auth.drf.errors import contract_response
from jotpass.auth.drf.parsers import StrictJSONParser


class AlwaysTheFirst(BaseContentNegotiation):
    """Answer JSON whatever ``Accept`` says; the body's parser goes by its content type."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        """Find the parser of the content type, None when there is none."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Sequence[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Take the one renderer."""
        return renderers[0], renderers[0].media_type


class ContractView(APIView):
    """A view of the contract that anybody may call."""

    authentication_classes: Sequence[Any] = ()
    permission_classes: Sequence[Any] = ()
    throttle_classes: Sequence[Any] = ()
    parser_classes: Sequence[Any] = (StrictJSONParser,)
    renderer_classes: Sequence[Any] = (JSONRenderer,)
    content_negotiation_class = AlwaysTheFirst
    metadata_class = None
    versioning_class = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Take the view out of ATOMIC_REQUESTS: a refusal is an answer, and what it revoked stays revoked."""
        view = super().as_view(**initkwargs)
        for alias in settings.DATABASES:
            view = transaction.non_atomic_requests(alias)(view)
        return view

    def read(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Read the request's body.

        Raises:
            ValidationError: 400, with the fields at fault.
        """
        request = serializer(data=self.request.data)
        request.is_valid(raise_exception=True)
        return request.validated_data

    def handle_exception(self, exc: Exception) -> Response:
        """Answer in the one shape; a mistake of the program goes on to Django."""
        header = self.authenticate_header(exc)
        response = contract_response(errors.TokenMissing() if isinstance(exc, NotAuthenticated) else exc)
        if response is None:
            raise exc
        if header:
            response["WWW-Authenticate"] = header
        response.exception = True
        return response

    def authenticate_header(self, exc: Exception) -> str:
        """Write the challenge for an exception that becomes a 401, empty for any other."""
        if isinstance(exc, (NotAuthenticated, AuthenticationFailed)):
            return JWTAuthentication().authenticate_header(self.request)
        if isinstance(exc, errors.CredentialError):
            return challenge(jotpass_settings.REALM, exc, credential_came=False)
        return ""

    def finalize_response(self, request: HttpRequest, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Forbid storing whatever may hold a token (RFC 6749 s5.1)."""
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        response["Cache-Control"] = "no-store"
        return response


class SignedInView(ContractView):
    """A view of the contract for a person who is signed in."""

    authentication_classes: Sequence[Any] = (JWTAuthentication,)
    permission_classes: Sequence[Any] = (IsAuthenticated,)
