"""How a bearer token travels in the Authorization header, and the challenge when it does not (RFC 6750)."""

from __future__ import annotations

from typing import Final

from jotpass.auth import errors

_SCHEME: Final = "bearer"


def bearer_token(header: str | None) -> str | None:
    """Take the token out of an Authorization header (RFC 6750 s2.1, RFC 9110 s11.4).

    Args:
        header: The header's value, None when there is none.

    Returns:
        The token; None when there is no header or it speaks of another scheme, which is not our business.

    Raises:
        TokenMalformed: The scheme is ours, in any case of letters, and what follows is not one token.
    """
    if not header:
        return None
    scheme, _, rest = header.strip(" \t").partition(" ")
    if scheme.lower() != _SCHEME:
        return None
    token = rest.strip(" ")
    if not token or not token.isascii() or " " in token or "\t" in token or "," in token:
        raise errors.TokenMalformed
    return token


def challenge(realm: str, refusal: errors.CredentialError, *, credential_came: bool) -> str:
    """Write a WWW-Authenticate header (RFC 6750 s3).

    Args:
        realm: The protection space.
        refusal: Why the request is not authenticated.
        credential_came: Whether a bearer token came with it; only then there is an ``error`` to speak of.
    """
    error = f', error="invalid_token", error_description="{refusal.detail}"' if credential_came else ""
    return f'Bearer realm="{quoted(realm)}"{error}, code="{refusal.code}"'


def demand(realm: str, refusal: errors.InsufficientAuthorization) -> str:
    """Write the WWW-Authenticate header of a token that is not good enough (RFC 6750 s3, RFC 9470 s3)."""
    said = {"realm": quoted(realm), "error": refusal.error, "error_description": refusal.detail}
    said |= refusal.attributes | {"code": refusal.code}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())


def quoted(realm: str) -> str:
    """Escape a text for a quoted string (RFC 9110 s5.6.4)."""
    return realm.replace("\\", "\\\\").replace('"', '\\"')
