"""Verifying a JWT: signature, type and claims in one step (RFC 7519 s7.2, RFC 8725 s3)."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Final, NoReturn

from jotpass.jose.errors import TokenMalformed
from jotpass.jose.header import media_type
from jotpass.jose.jws.compact import HeaderVerifier, expected_type, read_compact
from jotpass.jose.jws.key_choice import KeyChoice
from jotpass.jose.jwt.claims import ClaimsPolicy, check_seconds, make_claims_set
from jotpass.jose.jwt.token_cache import TokenCache
from jotpass.jose.strict_json import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jotpass.jose.jwk.key import Key
    from jotpass.jose.jwk.key_set import KeySet
    from jotpass.jose.jwt.claims import ClaimsSet, NumericDate

_UNTYPED: Final = frozenset({None, media_type("JWT")})


class Verifier:
    """Verifies tokens of one kind; frozen, built once, shared between threads.

    Everything that does not depend on the token is worked out when it is built. When keys change, build
    another and replace it as a whole.

    Args:
        keys: One key, or a set in which the header's ``kid`` chooses.
        algorithms: The accepted ``alg`` values; None if every key names its own.
        issuer: The accepted ``iss``, or several; None leaves it unchecked.
        audience: The verifier's own names in ``aud``, one or several; a token must have one of them. None
            refuses a token that has an ``aud``.
        any_audience: Accept every ``aud``, and none. Only where the audience is judged elsewhere.
        typ: The ``typ`` that the header must have, compared as a media type. None accepts ``JWT`` and its
            absence.
        leeway: Seconds by which clocks may differ.
        required: Claims that must be present; ``iss`` and ``aud`` are, where they are checked.
        cache_size: How many verified tokens to remember; their times are judged on every call. 0 remembers
            none.

    Raises:
        TypeError: If ``keys`` is not a ``Key`` or ``KeySet``, or an option has the wrong type.
        ValueError: If ``algorithms`` is missing where it is needed, or an option has an impossible value.
    """

    __slots__ = ("_cache", "_claims", "_headers", "_summary")

    _cache: TokenCache | None
    _claims: ClaimsPolicy
    _headers: HeaderVerifier
    _summary: str

    def __init__(
        self,
        keys: Key | KeySet,
        *,
        algorithms: Iterable[str] | None = None,
        issuer: str | Iterable[str] | None = None,
        audience: str | Iterable[str] | None = None,
        any_audience: bool = False,
        typ: str | None = None,
        leeway: float = 0,
        required: Iterable[str] = ("exp",),
        cache_size: int = 0,
    ) -> None:
        choice = KeyChoice(keys, algorithms)
        types = _UNTYPED if typ is None else frozenset({expected_type(typ)})
        policy = ClaimsPolicy(
            issuer=issuer, audience=audience, any_audience=any_audience, leeway=leeway, required=required
        )
        fix = super().__setattr__
        fix("_headers", HeaderVerifier(choice, types))
        fix("_claims", policy)
        fix("_cache", TokenCache(cache_size) if cache_size else None)
        fix("_summary", f"algorithms={sorted(choice.algorithms)}, typ={typ!r}, {policy}")

    def verify(self, token: str | bytes, *, now: NumericDate | None = None) -> ClaimsSet:
        """Verify a token.

        Args:
            token: A JWT in compact serialization.
            now: The time to judge it by; None reads the clock.

        Returns:
            The claims, read-only, with ``header`` and ``key``.

        Raises:
            JoseError: If the token is refused, whatever it is; the class and its ``code`` say why.
            TypeError: If the token is neither str nor bytes, or ``now`` no number.
            ValueError: If ``now`` is not finite.
        """
        moment = time() if now is None else check_seconds("now", now)
        cache = self._cache
        if cache is not None and isinstance(token, str):
            remembered = cache.get(token)
            if remembered is not None:
                self._claims.check_times(remembered.get("nbf", 0), remembered.get("exp"), moment)
                return remembered
        signing_input, segment, payload, signature = read_compact(token)
        source = self._headers.known.get(segment)
        if source is None:
            source = self._headers.verify(segment, signing_input, signature)
        else:
            source.check(signing_input, signature)
        try:
            members = parse_json_object(payload)
        except ValueError:
            raise TokenMalformed("the payload is not a Claims Set") from None
        self._claims.check(members, moment)
        claims = make_claims_set(members, source)
        if cache is not None and isinstance(token, str):
            cache.put(token, claims)
        return claims

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Verifier cannot be changed: build another")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Verifier cannot be changed: build another")

    def __repr__(self) -> str:
        return f"<Verifier {self._summary}>"


def verify_jwt(
    token: str | bytes,
    keys: Key | KeySet,
    *,
    algorithms: Iterable[str] | None = None,
    issuer: str | Iterable[str] | None = None,
    audience: str | Iterable[str] | None = None,
    any_audience: bool = False,
    typ: str | None = None,
    leeway: float = 0,
    required: Iterable[str] = ("exp",),
    now: NumericDate | None = None,
) -> ClaimsSet:
    """Verify one token. Who verifies many builds a ``Verifier``, which takes the same options.

    Returns:
        The claims, read-only, with ``header`` and ``key``.

    Raises:
        JoseError: If the token is refused, whatever it is; the class and its ``code`` say why.
        TypeError: If ``keys`` is not a ``Key`` or ``KeySet``, the token neither str nor bytes, or an option
            has the wrong type.
        ValueError: If ``algorithms`` is missing where it is needed, or an option has an impossible value.
    """
    verifier = Verifier(
        keys,
        algorithms=algorithms,
        issuer=issuer,
        audience=audience,
        any_audience=any_audience,
        typ=typ,
        leeway=leeway,
        required=required,
    )
    return verifier.verify(token, now=now)
