"""What is raised: for a token, for a key or an algorithm, and, on the wire, as 401."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status


class TokenError(Exception):
    """A token is refused; the first argument is a text for its holder."""


class ExpiredTokenError(TokenError):
    """It has expired."""


class TokenBackendError(Exception):
    """A token cannot be read or verified, or a backend cannot be what it is configured to be."""


class TokenBackendExpiredToken(TokenBackendError):
    """It was verified, and has expired."""


class DetailDictMixin:
    """Answers ``detail`` and ``code``, and whatever members the detail brings along."""

    default_detail: Any
    default_code: str

    def __init__(self, detail: Any = None, code: str | None = None, *args: Any) -> None:
        """Fill in the defaults.

        Args:
            detail: A text, or members of which ``detail`` may be one.
            code: Another code than the class's.
            args: For the classes beside this one.
        """
        members: dict[str, Any] = {"detail": self.default_detail, "code": self.default_code}
        if isinstance(detail, dict):
            members |= detail
        elif detail is not None:
            members["detail"] = detail
        if code is not None:
            members["code"] = code
        super().__init__(members, *args)  # type: ignore[call-arg]  # of the class beside this one


class AuthenticationFailed(DetailDictMixin, exceptions.AuthenticationFailed):
    """401 with a code in its body."""


class InvalidToken(AuthenticationFailed):
    """401 ``token_not_valid``."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_detail = _("Token is invalid or expired")
    default_code = "token_not_valid"
