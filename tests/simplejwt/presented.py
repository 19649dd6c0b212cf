"""Tokens as a client may present them: good, expired, of another kind, signed and yet odd, or rubbish."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rest_framework_simplejwt.state import token_backend
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken, Token

if TYPE_CHECKING:
    from django.http import HttpResponse

GONE = object()
"""In `altered`: without that claim."""

KINDS: dict[str, type[Token]] = {"access": AccessToken, "refresh": RefreshToken, "sliding": SlidingToken}


def altered(token: Token, **claims: Any) -> str:
    """Sign a token's claims again, with others in their place; nobody enters it into the books."""
    payload = token.payload | claims
    return token_backend.encode({name: value for name, value in payload.items() if value is not GONE})


def expired(token: Token) -> str:
    """The same token, a second after its end."""
    token.set_exp(lifetime=-timedelta(seconds=1))
    return str(token)


def with_another_signature(token: Token) -> str:
    """A token whose signature is that of another."""
    head, _, signature = str(token).rpartition(".")
    return f"{head}.{signature[::-1]}"


def header_of(token: str) -> bytes:
    """The bytes of a token's header."""
    return _decoded(token.split(".", maxsplit=1)[0])


def claims_of(token: str) -> dict[str, Any]:
    """A token's claims, in their order, as anybody can read them."""
    claims: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return claims


def _decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def said(answer: HttpResponse) -> tuple[int, str, str | None]:
    """What a client can tell answers apart by: status, body, challenge."""
    return answer.status_code, answer.content.decode(), answer.headers.get("WWW-Authenticate")
