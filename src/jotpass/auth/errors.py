"""Why a credential was refused, each reason with a stable ``code``. The web rooms make HTTP of them.

::

    AuthError
    ├── CredentialError             the credential is missing or refused: sign in or refresh
    │   ├── TokenMissing            token_missing
    │   ├── TokenMalformed          token_malformed
    │   ├── TokenExpired            token_expired
    │   ├── TokenRevoked            token_revoked
    │   ├── TokenWrongType          token_wrong_type
    │   ├── TokenInvalid            token_invalid
    │   ├── RefreshInvalid          refresh_invalid
    │   └── NoActiveAccount         no_active_account
    ├── InsufficientAuthorization   the credential is good, and not good enough
    │   ├── InsufficientScope       insufficient_scope
    │   └── ReauthenticationRequired  reauthentication_required
    ├── InvalidClient               invalid_client
    ├── TransportNotAllowed         transport_not_allowed
    ├── CsrfFailed                  csrf_failed
    ├── SessionUnknown              session_unknown
    ├── Throttled                   throttled
    ├── SiteUnknown                 site_unknown
    ├── FeedStale                   feed_stale
    └── ServiceUnavailable          service_unavailable
"""

from __future__ import annotations

from typing import ClassVar


class AuthError(Exception):
    """The root.

    Attributes:
        code: A stable name in snake_case, different for every class.
        detail: A sentence for people; it holds nothing of the credential.
    """

    code: ClassVar[str]
    detail: ClassVar[str]

    def __str__(self) -> str:
        """Say the sentence."""
        return self.detail


class CredentialError(AuthError):
    """A credential is missing or refused (RFC 6750 s3)."""


class TokenMissing(CredentialError):
    """No credential came."""

    code = "token_missing"
    detail = "Authentication credentials were not provided."


class TokenMalformed(CredentialError):
    """What came is not a token."""

    code = "token_malformed"
    detail = "What came is not one well-formed bearer token."


class TokenExpired(CredentialError):
    """The token was good once: refresh."""

    code = "token_expired"
    detail = "The access token has expired."


class TokenRevoked(CredentialError):
    """The token, its family or its session was revoked."""

    code = "token_revoked"
    detail = "The access token has been revoked."


class TokenWrongType(CredentialError):
    """A token of another kind, such as a refresh token, was sent as an access token (RFC 9068 s4)."""

    code = "token_wrong_type"
    detail = "The token is not an access token."


class TokenInvalid(CredentialError):
    """The signature, the issuer, the audience or a claim is not ours."""

    code = "token_invalid"
    detail = "The access token is invalid."


class RefreshInvalid(CredentialError):
    """The refresh token cannot be exchanged, for whatever reason: its holder learns no more."""

    code = "refresh_invalid"
    detail = "The refresh token is invalid or has expired. Sign in again."


class NoActiveAccount(CredentialError):
    """No active account for these credentials."""

    code = "no_active_account"
    detail = "No active account found with the given credentials."


class InsufficientAuthorization(AuthError):
    """The credential is good, and not good enough for this: the challenge says what would be.

    Attributes:
        error: The ``error`` of the challenge.
        attributes: What else the challenge says, each an ASCII text without quotes.
    """

    error: ClassVar[str]

    def __init__(self, **attributes: str) -> None:
        """Keep what the challenge says."""
        self.attributes = attributes
        super().__init__()


class InsufficientScope(InsufficientAuthorization):
    """The token lacks a scope (RFC 6750 s3.1); the attribute ``scope`` names what is needed."""

    code = error = "insufficient_scope"
    detail = "The access token does not have the scope that this needs."


class ReauthenticationRequired(InsufficientAuthorization):
    """The person signed in too long ago, or too weakly (RFC 9470 s3): ``max_age``, ``acr_values``."""

    code = "reauthentication_required"
    error = "insufficient_user_authentication"
    detail = "A more recent or a stronger authentication is needed."


class InvalidClient(AuthError):
    """A service did not say who it is, or could not prove it (RFC 6749 s5.2)."""

    code = "invalid_client"
    detail = "The client is unknown or its secret is wrong."


class TransportNotAllowed(AuthError):
    """The project does not allow this way of carrying tokens, or the session was begun with another."""

    code = "transport_not_allowed"
    detail = "The requested transport is not allowed."


class CsrfFailed(AuthError):
    """A cookie came, or was asked for, and nothing proves that a trusted page made the request."""

    code = "csrf_failed"
    detail = (
        "Cookies take a request from this origin or a trusted one; where tokens are issued, also the header "
        "X-Jotpass-Transport."
    )


class SessionUnknown(AuthError):
    """The person has no live session of this name."""

    code = "session_unknown"
    detail = "No such session."


class Throttled(AuthError):
    """Too many attempts have failed.

    Args:
        wait: Whole seconds after which another attempt is worth while.
    """

    code = "throttled"
    detail = "Too many attempts have failed. Try again later."

    def __init__(self, wait: int = 1) -> None:
        """Keep when to come again."""
        super().__init__(wait)
        self.wait = wait


class SiteUnknown(AuthError):
    """The project serves several sites, and the request was sent to none of them (RFC 9110 s15.5.20)."""

    code = "site_unknown"
    detail = "No site of this service answers to this address."


class FeedStale(AuthError):
    """The revocations could not be read for too long; nobody can tell whether the token was revoked."""

    code = "feed_stale"
    detail = "Revocations cannot be read at the moment. Try again shortly."


class ServiceUnavailable(AuthError):
    """The database did not answer, or too many racers wanted the same row."""

    code = "service_unavailable"
    detail = "The service is unavailable at the moment. Try again shortly."
