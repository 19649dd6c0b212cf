"""What every view of the contract shares: JSON in and out, one error shape, no caching, no transaction.

None of this is taken from the project's REST_FRAMEWORK settings: the contract is the same in every project.
Only the throttles are, and only where a password is tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
    ParseError,
    UnsupportedMediaType,
)
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken
from jotpass.auth.bearer import challenge
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.drf.authentication import JWTAuthentication
from jotpass.auth.drf.errors import contract_response
from jotpass.auth.drf.parsers import StrictJSONParser
from jotpass.auth.non_atomic import non_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.serializers import BaseSerializer
    from rest_framework.throttling import BaseThrottle


_METHODS_WITH_A_BODY: Final = ("POST", "PATCH")


class AlwaysTheFirst(BaseContentNegotiation):
    """Answer JSON whatever ``Accept`` says; the body's parser goes by its content type."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        """Find the parser of the content type, None when there is none."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Take the one renderer."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class ContractView(APIView):
    """A view of the contract that anybody may call."""

    authentication_classes: Sequence[Any] = ()
    permission_classes: Sequence[Any] = ()
    throttle_classes: Sequence[Any] = ()
    parser_classes: Sequence[Any] = (StrictJSONParser,)
    renderer_classes: Sequence[Any] = (JSONRenderer,)
    content_negotiation_class = AlwaysTheFirst
    metadata_class = None
    http_method_names = ("get", "head", "post", "patch", "delete")
    versioning_class = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Take the view out of ATOMIC_REQUESTS, and its form out of error reports."""
        return non_atomic(sensitive_post_parameters()(super().as_view(**initkwargs)))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is refused to everybody before asking who calls.

        Raises:
            MethodNotAllowed: The method is not served.
            ParseError: The body comes in chunks, which Django takes for an empty one.
            UnsupportedMediaType: The body is of a type that the call does not take.
        """
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
            raise ParseError("The request body must have a Content-Length.")
        if request.method in _METHODS_WITH_A_BODY and _has_body(request) and self._has_no_parser(request):
            # Not left to the parsing: DRF takes a form that a middleware has read, whatever the parsers.
            raise UnsupportedMediaType(str(request.content_type))
        super().initial(request, *args, **kwargs)

    def _has_no_parser(self, request: Request) -> bool:
        return self.get_content_negotiator().select_parser(request, self.get_parsers()) is None

    @sensitive_variables()
    def read(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Read the request's body.

        Raises:
            ValidationError: 400, with the fields at fault.
        """
        request = serializer(data=self.request.data)
        request.is_valid(raise_exception=True)
        fields: dict[str, Any] = request.validated_data
        return fields

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
            # A view may find that the session of a good token has ended; a wrong password is not the token's.
            at_fault = isinstance(exc, errors.TokenRevoked) and isinstance(self.request.auth, AccessToken)
            return challenge(jotpass_settings.REALM, exc, credential_came=at_fault)
        return ""

    def finalize_response(self, request: HttpRequest, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Forbid storing whatever may hold a token (RFC 6749 s5.1)."""
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        response["Cache-Control"] = "no-store"
        return response


class PasswordView(ContractView):
    """A view of the contract where passwords are tried: the project's throttles count its calls too."""

    def get_throttles(self) -> list[BaseThrottle]:
        """Take the view's own throttles, or those of the project's DEFAULT_THROTTLE_CLASSES."""
        classes: Iterable[Any] = self.throttle_classes or api_settings.DEFAULT_THROTTLE_CLASSES
        return [throttle() for throttle in classes]


class SignedInView(ContractView):
    """A view of the contract for a person who is signed in."""

    authentication_classes: Sequence[Any] = (JWTAuthentication,)
    permission_classes: Sequence[Any] = (IsAuthenticated,)

    @property
    def access_token(self) -> AccessToken:
        """The verified token of this request."""
        return cast("AccessToken", self.request.auth)

    @property
    def user(self) -> Any:
        """The person who is signed in."""
        return self.request.user


def _has_body(request: Request) -> bool:
    return request.META.get("CONTENT_LENGTH") not in {None, "", "0"}
