"""Signing and verifying, by `jotpass.jose`: one algorithm, one key, perhaps the keys of another issuer."""

from __future__ import annotations

import copy
import json
import time
from calendar import timegm
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from jotpass import jose
from jotpass.auth.simplejwt.keys import read_key
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.jwk_client import PyJWKClient, PyJWKClientError
from rest_framework_simplejwt.keys import sign
from rest_framework_simplejwt.utils import format_lazy

if TYPE_CHECKING:
    from collections.abc import Iterable

JWK_CLIENT_AVAILABLE = True

ALLOWED_ALGORITHMS = frozenset(SIGNATURE_ALGORITHMS)

_MOMENTS: Final = ("exp", "iat", "nbf")
_NESTED: Final = (dict, list)

REMEMBERED_TOKENS: Final = 1024
"""Verified tokens that a process remembers, at some kilobytes each: a client sends one token for minutes, and
each of AUTH_TOKEN_CLASSES reads it anew. Times, the books and the user are asked every time."""

# The engine judges expiry last. A client of the incumbent reads of a token for others that it has expired.
_JUDGED_AFTER_EXPIRY: Final = (jose.IssuerMismatch, jose.AudienceMismatch, jose.ClaimMissing)


class TokenBackend:
    """Turns claims into tokens and back.

    Attributes may be changed: the next call goes by them.

    Args:
        algorithm: The one ``alg``.
        signing_key: The secret, or the private key in PEM.
        verifying_key: The public key in PEM; nothing for HS256 and its like.
        audience: ``aud`` of new tokens, and which one presented tokens must name.
        issuer: ``iss`` likewise.
        jwk_url: Where the public keys are, instead of `verifying_key`.
        leeway: By how much clocks may differ: seconds or a timedelta.
        json_encoder: Writes claims that JSON has no form for.

    Raises:
        TokenBackendError: The algorithm is unknown.
    """

    def __init__(  # noqa: PLR0917 (the interface)
        self,
        algorithm: str,
        signing_key: Any = None,
        verifying_key: Any = "",
        audience: str | Iterable[str] | None = None,
        issuer: str | None = None,
        jwk_url: str | None = None,
        leeway: Any = None,
        json_encoder: type[json.JSONEncoder] | None = None,
    ) -> None:
        """Keep the configuration; keys are read when they are needed."""
        if algorithm not in ALLOWED_ALGORITHMS:
            raise TokenBackendError(format_lazy(_("Unrecognized algorithm type '{}'"), algorithm))
        for name in ("prepared_signing_key", "prepared_verifying_key"):
            # Configured anew: what was read of the old keys goes.
            self.__dict__.pop(name, None)
        self.algorithm = algorithm
        self.signing_key = signing_key
        self.verifying_key = verifying_key
        self.audience = audience
        self.issuer = issuer
        self.jwks_client = PyJWKClient(jwk_url) if jwk_url and JWK_CLIENT_AVAILABLE else None
        self.leeway = leeway
        self.json_encoder = json_encoder
        self._verifiers: dict[str | None, tuple[tuple[Any, ...], jose.Verifier]] = {}

    @cached_property
    def prepared_signing_key(self) -> jose.Key | None:
        """The key that signs."""
        return self._prepared(self.signing_key)

    @cached_property
    def prepared_verifying_key(self) -> jose.Key | None:
        """The key that verifies, where that is another one."""
        return self._prepared(self.verifying_key)

    def _prepared(self, value: Any) -> jose.Key | None:
        return None if value is None else read_key(value, self.algorithm)

    def get_leeway(self) -> timedelta:
        """Return the leeway.

        Raises:
            TokenBackendError: It is no amount of time.
        """
        leeway = self.leeway
        if leeway is None:
            return timedelta()
        if isinstance(leeway, timedelta):
            return leeway
        if isinstance(leeway, int | float):
            return timedelta(seconds=leeway)
        text = _("Unrecognized type '{}', 'leeway' must be of type int, float or timedelta.")
        raise TokenBackendError(format_lazy(text, type(leeway)))

    def get_verifying_key(self, token: Any) -> Any:
        """Return the key that a token must be verified with.

        Raises:
            TokenBackendError: The issuer at JWK_URL has none for it.
        """
        if self.algorithm.startswith("HS"):
            return self.prepared_signing_key
        if self.jwks_client:
            try:
                return self.jwks_client.get_signing_key_from_jwt(token).key
            except PyJWKClientError as error:
                raise TokenBackendError(_("Token is invalid")) from error
        return self.prepared_verifying_key

    def encode(self, payload: dict[str, Any]) -> str:
        """Sign claims.

        Raises:
            TokenBackendError: There is no key to sign with, or it is for another algorithm.
            TypeError: A claim has no JSON form.
        """
        claims = dict(payload)
        if self.audience is not None:
            claims["aud"] = self.audience
        if self.issuer is not None:
            claims["iss"] = self.issuer
        for name in _MOMENTS:
            moment = claims.get(name)
            if isinstance(moment, datetime):
                claims[name] = timegm(moment.utctimetuple())
        document = json.dumps(claims, separators=(",", ":"), cls=self.json_encoder).encode()
        try:
            key = self.prepared_signing_key
            if key is None:
                raise TokenBackendError(_("Token is invalid"))
            return sign(document, key, self.algorithm)
        except (jose.JoseError, TypeError) as error:
            message = f"SIGNING_KEY is no private key for {self.algorithm}"
            raise TokenBackendError(message) from error

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 (the interface)
        """Read a token's claims.

        Args:
            token: The token, text or bytes.
            verify: Whether signature, times, issuer and audience are judged. Without, anybody may have
                written the claims.

        Returns:
            The claims, the caller's own.

        Raises:
            TokenBackendExpiredToken: It was verified, and has expired.
            TokenBackendError: It is refused for any other reason.
        """
        now = time.time()
        try:
            if not verify:
                return copy.deepcopy(dict(jose.peek_unverified(token).claims))
            key = self.get_verifying_key(token)
            # What a header brings is bytes; tokens are remembered by their text.
            text = token.decode("ascii", "replace") if isinstance(token, bytes) else token
            try:
                claims = dict(self._verifier_for(key).verify(text, now=now))
            except jose.TokenWrongType:
                # Another issuer's access token that says so (RFC 9068 s2.1); here, its token_type says it.
                claims = dict(self._verifier_for(key, "at+jwt").verify(text, now=now))
        except (jose.JoseError, TypeError) as error:
            raise self._refusal(error, token, now) from error
        if claims.get("iat", 0) > now and claims["iat"] > now + self.get_leeway().total_seconds():
            raise TokenBackendError(_("Token is invalid"))
        for name, value in claims.items():
            if isinstance(value, _NESTED):
                # A verified token's claims are read-only all through; these belong to whoever asked.
                claims[name] = copy.deepcopy(value)
        return claims

    def _refusal(self, error: Exception, token: Any, now: float) -> TokenBackendError:
        if isinstance(error, jose.AlgorithmNotAllowed):
            return TokenBackendError(_("Invalid algorithm specified"))
        expired = isinstance(error, jose.TokenExpired)
        if isinstance(error, _JUDGED_AFTER_EXPIRY):
            ended = now - self.get_leeway().total_seconds()
            expired = jose.peek_unverified(token).claims.get("exp", now + 1) <= ended
        return (
            TokenBackendExpiredToken(_("Token is expired"))
            if expired
            else TokenBackendError(_("Token is invalid"))
        )

    def _verifier_for(self, key: Any, typ: str | None = None) -> jose.Verifier:
        made_of = (key, self.algorithm, self.audience, self.issuer, self.leeway)
        made = self._verifiers.get(typ)
        if made is None or made[0] != made_of:
            if key is None:
                raise TokenBackendError(_("Token is invalid"))
            verifier = jose.Verifier(
                read_key(key, self.algorithm),
                algorithms=[self.algorithm],
                typ=typ,
                issuer=self.issuer,
                audience=self.audience,
                any_audience=self.audience is None,
                leeway=self.get_leeway().total_seconds(),
                required=(),
                cache_size=REMEMBERED_TOKENS,
            )
            made = self._verifiers[typ] = (made_of, verifier)
        return made[1]
