"""Issue and verify access tokens: JWTs of RFC 9068, ``typ`` ``at+jwt``. Pure: keys and time come in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from django.views.decorators.debug import sensitive_variables

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.live_key_ring import LiveKeyRing
from jotpass.auth.printable import is_printable

if TYPE_CHECKING:
    from datetime import timedelta

    from jotpass.keys.key_ring import KeyRing

ACCESS_TOKEN_TYPE: Final = "at+jwt"

RESERVED_CLAIMS: Final = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "fid", "auth_time", "acr", "scope"},
)
"""What a project's claims function may not set: the protocol speaks through these."""

FUTURE_TOLERANCE: Final = 60
"""Seconds that ``iat`` may lie ahead: between two servers' clocks. More means that a clock was set back, and
then a token would outlive the record of its revocation."""

REMEMBERED_TOKENS: Final = 1024
"""Verified tokens that a process remembers, at some kilobytes each: a client sends one token for minutes, and
times and revocation are judged every time."""

MAX_SUBJECT_LENGTH: Final = 255
"""Characters of ``sub`` (OpenID Connect Core s2)."""

_NAMES: Final[Mapping[str, int]] = {"client_id": 100, "sid": 64, "fid": 64, "jti": 64}
"""Other claims that name something, and how many characters they may have."""

_TIMES: Final = ("exp", "iat", "auth_time")
_LAST_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""Later is no time that a database or a ``datetime`` could hold with a margin added."""


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """Everything that decides how access tokens are signed and which are accepted.

    Attributes:
        issuer: ``iss``, compared exactly.
        audience: ``aud``, one or several; a token must name one of them.
        algorithm: The ``alg`` that signs, and the only one accepted; None where each key names its own.
        lifetime: From ``iat`` to ``exp``.
        leeway: Tolerated clock difference.
        keys: The key ring of access tokens.
        verifier: What all this makes of a token; built once, with the policy.
    """

    issuer: str
    audience: str | tuple[str, ...]
    algorithm: str | None
    lifetime: timedelta
    leeway: timedelta
    keys: KeyRing | LiveKeyRing
    verifier: AccessTokenVerifier | LiveVerifier = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the verifier."""
        live = isinstance(self.keys, LiveKeyRing)
        verifier = LiveVerifier(self) if live else AccessTokenVerifier(self, self.keys.verification)
        object.__setattr__(self, "verifier", verifier)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token says: who, under which session and family, at which client.

    Attributes:
        subject: The user's primary key as text.
        session_id: ``sid``.
        family_id: ``fid``.
        client_id: ``client_id`` (RFC 8693 s4.3).
        auth_time: When the person authenticated, seconds since the epoch.
        scope: Space-separated scopes, empty for none.
        ends_at: When the session ends, seconds since the epoch; the token does not outlive it.
        acr: The authentication context class (RFC 9068 s2.2.1), empty for none.
    """

    subject: str
    session_id: str
    family_id: str
    client_id: str
    auth_time: int
    scope: str
    ends_at: int
    acr: str = ""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed access token and its ``exp``, seconds since the epoch."""

    token: str
    expires_at: int


class AccessToken(Mapping[str, Any]):
    """A verified access token: its claims as a mapping, and the names the code uses for them. Read-only."""

    __slots__ = ("claims",)

    def __init__(self, claims: Mapping[str, Any]) -> None:
        """Wrap verified claims."""
        self.claims = claims

    def __getitem__(self, name: str) -> Any:
        """Return one claim."""
        return self.claims[name]

    def __iter__(self) -> Iterator[str]:
        """Walk over the claims' names."""
        return iter(self.claims)

    def __len__(self) -> int:
        """Count the claims."""
        return len(self.claims)

    @property
    def issuer(self) -> str:
        """Whose token it is (``iss``)."""
        return self.claims["iss"]  # type: ignore[no-any-return]

    @property
    def subject(self) -> str:
        """The user's primary key as text (``sub``)."""
        return self.claims["sub"]  # type: ignore[no-any-return]

    @property
    def session_id(self) -> str:
        """The session (``sid``)."""
        return self.claims["sid"]  # type: ignore[no-any-return]

    @property
    def family_id(self) -> str:
        """The token family (``fid``)."""
        return self.claims["fid"]  # type: ignore[no-any-return]

    @property
    def token_id(self) -> str:
        """The token's own name (``jti``)."""
        return self.claims["jti"]  # type: ignore[no-any-return]

    @property
    def client_id(self) -> str:
        """The client it was issued to."""
        return self.claims["client_id"]  # type: ignore[no-any-return]

    @property
    def scopes(self) -> frozenset[str]:
        """The granted scopes (RFC 9068 s2.2.3)."""
        scope = self.claims.get("scope", "")
        return frozenset(scope.split()) if isinstance(scope, str) else frozenset()

    @property
    def auth_time(self) -> float:
        """When the person authenticated, seconds since the epoch."""
        return self.claims["auth_time"]  # type: ignore[no-any-return]

    @property
    def expires_at(self) -> float:
        """When it ends (``exp``), seconds since the epoch."""
        return self.claims["exp"]  # type: ignore[no-any-return]

    @property
    def key(self) -> jose.Key:
        """The key that its signature was verified with."""
        return cast("jose.ClaimsSet", self.claims).key


@sensitive_variables()
def issue_access_token(
    grant: Grant,
    policy: TokenPolicy,
    *,
    now: float,
    lifetime: timedelta | None = None,
    extra_claims: Mapping[str, Any] | None = None,
) -> IssuedToken:
    """Sign an access token (RFC 9068 s2).

    Args:
        grant: What it says.
        policy: How it is signed.
        now: Seconds since the epoch.
        lifetime: Another than the policy's.
        extra_claims: The project's own claims.

    Raises:
        ValueError: A project's claim has a reserved name, or a value that JSON cannot carry.
    """
    issued_at = int(now)
    lifetime = policy.lifetime if lifetime is None else lifetime
    expires_at = min(issued_at + int(lifetime.total_seconds()), grant.ends_at)
    claims: dict[str, Any] = {
        "iss": policy.issuer,
        "sub": grant.subject,
        "aud": policy.audience if isinstance(policy.audience, str) else list(policy.audience),
        "exp": expires_at,
        "iat": issued_at,
        "jti": secrets.token_urlsafe(16),
        "client_id": grant.client_id,
        "sid": grant.session_id,
        "fid": grant.family_id,
        "auth_time": grant.auth_time,
    }
    if grant.scope:
        claims["scope"] = grant.scope
    if grant.acr:
        claims["acr"] = grant.acr
    if extra_claims:
        if taken := RESERVED_CLAIMS & extra_claims.keys():
            message = f"The claims function may not set {', '.join(sorted(taken))}."
            raise ValueError(message)
        claims.update(extra_claims)
    token = jose.sign_jwt(claims, policy.keys.signing, algorithm=policy.algorithm, typ=ACCESS_TOKEN_TYPE)
    return IssuedToken(token, expires_at)


def verify_access_token(
    token: str,
    policy: TokenPolicy,
    *,
    now: float,
    ignore_expiry: bool = False,
) -> AccessToken:
    """Verify an access token (RFC 9068 s4). Says nothing of revocation, which is not in the token.

    Args:
        token: The compact serialization.
        policy: Which tokens are accepted.
        now: Seconds since the epoch.
        ignore_expiry: Accept a token that has ended, for signing out with it.

    Raises:
        CredentialError: With the code that tells why.
    """
    try:
        # Before every expiry, there is nothing to have expired.
        claims = policy.verifier.verify(token, now=0 if ignore_expiry else now)
    except jose.JoseError as error:
        raise _refusal(error, token) from None
    if claims["iat"] > now + policy.verifier.tolerance:
        raise errors.TokenInvalid
    return AccessToken(claims)


class AccessTokenVerifier:
    """The JWT verifier of a policy, and what else RFC 9068 and we ask of the claims.

    Args:
        policy: Which tokens are accepted.
        keys: Whose signatures count.

    Attributes:
        tolerance: Seconds that ``iat`` may lie ahead.
    """

    __slots__ = ("_sound", "_verifier", "tolerance")

    def __init__(self, policy: TokenPolicy, keys: jose.KeySet) -> None:
        leeway = policy.leeway.total_seconds()
        self.tolerance = leeway + FUTURE_TOLERANCE
        self._verifier = jose.Verifier(
            keys,
            algorithms=None if policy.algorithm is None else [policy.algorithm],
            issuer=policy.issuer,
            audience=policy.audience,
            typ=ACCESS_TOKEN_TYPE,
            leeway=leeway,
            required=(*_TIMES, "sub", *_NAMES),
            cache_size=REMEMBERED_TOKENS,
        )
        self._sound: dict[str, jose.ClaimsSet] = {}

    def verify(self, token: str, *, now: float) -> jose.ClaimsSet:
        """Verify a token.

        Raises:
            JoseError: It is refused as a JWT.
            TokenInvalid: Its claims are not those of an access token.
        """
        claims = self._verifier.verify(token, now=now)
        # What the verifier remembers it gives as the same object; its times are judged every time.
        if self._sound.get(token) is not claims:
            _check_claims(claims)
            if len(self._sound) >= REMEMBERED_TOKENS:
                self._sound.clear()
            self._sound[token] = claims
        return claims


class LiveVerifier:
    """The verifier for keys that change: as a whole another one when a key comes or goes.

    So nothing outlives a key that was revoked, the tokens that were remembered included.

    Args:
        policy: Which tokens are accepted.

    Attributes:
        tolerance: Seconds that ``iat`` may lie ahead.
    """

    __slots__ = ("_built", "_policy", "tolerance")

    def __init__(self, policy: TokenPolicy) -> None:
        self.tolerance = policy.leeway.total_seconds() + FUTURE_TOLERANCE
        self._policy = policy
        self._built: tuple[jose.KeySet, AccessTokenVerifier] | None = None

    def verify(self, token: str, *, now: float) -> jose.ClaimsSet:
        """Verify a token.

        Raises:
            JoseError: It is refused as a JWT.
            ServiceUnavailable: The keys cannot be read.
            TokenInvalid: Its claims are not those of an access token.
        """
        try:
            return self._current().verify(token, now=now)
        except (jose.KeyNotFound, jose.AlgorithmNotAllowed):
            if not cast("LiveKeyRing", self._policy.keys).look_again():
                raise
        return self._current().verify(token, now=now)

    def _current(self) -> AccessTokenVerifier:
        keys = self._policy.keys.verification
        built = self._built
        if built is None or built[0] is not keys:
            built = self._built = (keys, AccessTokenVerifier(self._policy, keys))
        return built[1]


def _check_claims(claims: jose.ClaimsSet) -> None:
    names = all(_is_name(claims[name], length) for name, length in _NAMES.items())
    if not names or not is_subject(claims["sub"]) or not all(_is_time(claims[name]) for name in _TIMES):
        raise errors.TokenInvalid


def _is_name(value: object, length: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= length and value.isprintable()


def is_subject(value: object) -> bool:
    """Tell whether a value may be ``sub``: it is written in words of people's own where a primary key is."""
    # Neither NUL nor a lone surrogate is printable: no database is asked about what it cannot hold.
    return isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT_LENGTH and is_printable(value)


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _LAST_TIME


def _is_of_another_kind(token: str) -> bool:
    # A refresh token is signed with a key of its own, so it is refused anyway; saying why helps its sender.
    try:
        return jose.peek_unverified(token).header.get("typ") != ACCESS_TOKEN_TYPE
    except jose.JoseError:
        return False


_REFUSALS: Final[tuple[tuple[type[jose.JoseError], type[errors.CredentialError]], ...]] = (
    (jose.TokenExpired, errors.TokenExpired),
    (jose.TokenWrongType, errors.TokenWrongType),
    (jose.TokenMalformed, errors.TokenMalformed),
    (jose.TokenTooLarge, errors.TokenMalformed),
    (jose.HeaderInvalid, errors.TokenMalformed),
)


def _refusal(error: jose.JoseError, token: str) -> errors.CredentialError:
    if isinstance(error, jose.KeyNotFound) and _is_of_another_kind(token):
        return errors.TokenWrongType()
    for jose_class, refusal in _REFUSALS:
        if isinstance(error, jose_class):
            return refusal()
    return errors.TokenInvalid()
