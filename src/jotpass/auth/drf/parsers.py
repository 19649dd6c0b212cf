"""Request bodies of the contract: small, and read strictly."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from django.views.decorators.debug import sensitive_variables
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from jotpass.auth.drf.refusals import RequestTooLarge
from jotpass.jose.strict_json import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY_BYTES: Final = 64 * 1024
_MAX_FORM_FIELDS: Final = 20


@sensitive_variables()
def read_bounded(stream: IO[bytes], parser_context: Mapping[str, Any] | None) -> bytes:
    """Read a body of at most `MAX_BODY_BYTES`.

    Raises:
        RequestTooLarge: It is longer, or says so.
        ParseError: It is shorter than it says: the client hung up half-way (RFC 9112 s8).
    """
    request = (parser_context or {}).get("request")
    text = request.META.get("CONTENT_LENGTH", "") if request is not None else ""
    declared = int(text[:20]) if text.isdecimal() else 0
    if declared > MAX_BODY_BYTES:
        raise RequestTooLarge
    body = stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise RequestTooLarge
    if len(body) < declared:
        raise ParseError("The request body is incomplete.")
    return body


class BoundedParser(BaseParser):
    """Reads a bounded body and leaves it to `members` what it says."""

    @sensitive_variables()
    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Read the members.

        Raises:
            RequestTooLarge: The body is too long.
            ParseError: It is not what its content type says.
        """
        return self.members(read_bounded(stream, parser_context))

    def members(self, body: bytes) -> dict[str, Any]:
        """Turn the body into its members."""
        raise NotImplementedError


class StrictJSONParser(BoundedParser):
    """One JSON object in UTF-8, without duplicate members (RFC 8259)."""

    media_type = "application/json"

    @sensitive_variables()
    def members(self, body: bytes) -> dict[str, Any]:
        """Read the object.

        Raises:
            ParseError: The body is anything else.
        """
        try:
            return parse_json_object(body)
        except ValueError:
            raise ParseError("The request body is not a JSON object.") from None


class StrictFormParser(BoundedParser):
    """A URL-encoded form in UTF-8, for the endpoints that RFC 7009 describes."""

    media_type = "application/x-www-form-urlencoded"

    @sensitive_variables()
    def members(self, body: bytes) -> dict[str, Any]:
        """Read the form.

        Raises:
            ParseError: It is not UTF-8, has too many fields, or repeats one (RFC 6749 s3.2).
        """
        try:
            fields = parse_qsl(
                body.decode(),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_FORM_FIELDS,
            )
        except ValueError:
            raise ParseError("The request body is not a form.") from None
        form = dict(fields)
        if len(form) != len(fields):
            raise ParseError("The request body names a field twice.")
        return form
