"""Refresh tokens of djangorestframework-simplejwt, read as the first generation of a family of ours.

A family that was carried over has a name and a random value that are pure functions of the token's ``jti``:
whoever presents the token says which family it is, and nothing more has to be stored. Neither gives the
``jti`` away. Without the old signing key a stolen database mints no such token, and without a ``jti`` that is
known here the stolen key mints none.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.refresh_tokens import PresentedToken
from jotpass.auth.simplejwt.token_format import TokenFormat, verifier_of

if TYPE_CHECKING:
    from jotpass.jose import Verifier

FIRST_GENERATION: Final = 1
"""What a token that was carried over is in its family. None of ours of that generation was ever signed."""

REFRESH_TYPE: Final = "refresh"

_MAX_TIME: Final = datetime.max.replace(tzinfo=UTC).timestamp()
_RANDOM_BITS: Final = 80
_PREFIX: Final = int.from_bytes(b"sjwt\0\0") << _RANDOM_BITS

FAMILIES: Final = (
    UUID(int=_PREFIX),
    UUID(int=_PREFIX | (1 << _RANDOM_BITS) - 1),
)
"""Between these two are the names of all families that were carried over, and of no others."""


@dataclass(frozen=True, slots=True)
class CarriedToken(PresentedToken):
    """What a refresh token of djangorestframework-simplejwt says.

    Attributes:
        jti: Its id.
        user: Whose it is, as the claim has it.
        user_field: The field of the user that the claim is about.
        password_digest: What it knows of the password; None where tokens know nothing of it.
    """

    jti: str
    user: str
    user_field: str
    password_digest: str | None = field(repr=False)


@sensitive_variables()
def parse_carried_token(token: str, known: TokenFormat, *, now: float) -> CarriedToken:
    """Read a refresh token of djangorestframework-simplejwt.

    Args:
        token: What was presented.
        known: How this project's tokens are signed and written.
        now: Seconds since the epoch.

    Raises:
        RefreshInvalid: It is anything else, or has expired.
    """
    try:
        claims = _verifier(known).verify(token, now=now)
    except (jose.JoseError, TypeError, ValueError):
        # A key that cannot be used is told by a system check.
        raise errors.RefreshInvalid from None
    jti = claims.get(known.jti_claim) if known.jti_claim is not None else None
    user, expires_at = claims.get(known.user_claim), claims["exp"]
    # Where tokens know of the password, one that does not is as one that knows of another.
    digest = None if known.password_claim is None else claims.get(known.password_claim) or ""
    if (
        not isinstance(jti, str)
        or not isinstance(user, str | int)
        or not isinstance(digest, str | None)
        or not 0 <= expires_at < _MAX_TIME
        or (known.type_claim is not None and claims.get(known.type_claim) != REFRESH_TYPE)
    ):
        raise errors.RefreshInvalid
    return CarriedToken(
        family_id=carried_family_id(jti),
        generation=FIRST_GENERATION,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
        random_value=carried_random_value(jti),
        jti=jti,
        user=str(user),
        user_field=known.user_field,
        password_digest=digest,
    )


def carried_family_id(jti: str) -> UUID:
    """Name the family of a token: a UUID of version 8 (RFC 9562 s5.8), by the digest of its ``jti``."""
    number = _PREFIX | int.from_bytes(_digest(b"family", jti)[: _RANDOM_BITS // 8])
    number = number & ~(0xF << 76) | 0x8 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=number)


def carried_random_value(jti: str) -> str:
    """Return the random value of the family of a token."""
    return base64.urlsafe_b64encode(_digest(b"random value", jti)[:16]).decode().rstrip("=")


def _digest(purpose: bytes, jti: str) -> bytes:
    named = b"\0".join((b"jotpass simplejwt", purpose, jti.encode(errors="surrogatepass")))
    return sha256(named).digest()


@lru_cache(maxsize=4)
def _verifier(known: TokenFormat) -> Verifier:
    return verifier_of(known)
