"""The Claims Set: what it looks like, and when it is acceptable (RFC 7519 s4.1, s7.2).

Nothing here looks at signatures or clocks: ``now`` is handed in.
"""

from __future__ import annotations

from sys import float_info
from typing import TYPE_CHECKING, Any, Final

from jotpass.jose.errors import (
    AudienceMismatch,
    ClaimInvalid,
    ClaimMissing,
    ClaimRefused,
    IssuerMismatch,
    TokenExpired,
    TokenNotYetValid,
)
from jotpass.jose.frozen_json import FrozenObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jotpass.jose.jwk.key import Key
    from jotpass.jose.jws.compact import VerifiedHeader

NumericDate = int | float
"""Seconds since the epoch (RFC 7519 s2)."""

_NUMERIC_DATES: Final = frozenset({"exp", "nbf", "iat"})
_STRING_CLAIMS: Final = {
    "iss": "a string",
    "sub": "a string",
    "jti": "a string",
    "aud": "a string or an array of strings",
}


class ClaimsSet(FrozenObject):
    """The claims of a verified token: a read-only ``dict``.

    Nested objects and arrays are read-only too. ``copy.deepcopy`` gives plain ones.
    """

    __slots__ = ("_source",)

    _source: VerifiedHeader

    @property
    def header(self) -> FrozenObject:
        """The JOSE Header of the token, read-only."""
        return self._source.header

    @property
    def key(self) -> Key:
        """The key that the signature was verified with."""
        return self._source.key


def make_claims_set(members: Mapping[str, Any], source: VerifiedHeader) -> ClaimsSet:
    """Make the claims of a verified token out of members that are frozen inside."""
    claims = ClaimsSet(members)
    # Not an __init__ of the class: building a dict in C is half the cost.
    claims._source = source  # noqa: SLF001
    return claims


class ClaimsPolicy:
    """What a verifier expects of a Claims Set.

    Args:
        issuer: The accepted ``iss``, or several; None leaves it unchecked.
        audience: The verifier's own names in ``aud``, one or several; None refuses a token that has an
            ``aud``.
        any_audience: Accept every ``aud``, and none. Only where the audience is judged elsewhere.
        leeway: Seconds by which clocks may differ.
        required: Claims that must be present; ``iss`` and ``aud`` are, where they are checked.

    Raises:
        TypeError: If an option has the wrong type.
        ValueError: If an option has an impossible value.
    """

    __slots__ = ("any_audience", "audiences", "issuers", "leeway", "required")

    def __init__(
        self,
        *,
        issuer: str | Iterable[str] | None,
        audience: str | Iterable[str] | None,
        any_audience: bool,
        leeway: float,
        required: Iterable[str],
    ) -> None:
        if not isinstance(any_audience, bool):
            raise TypeError("any_audience must be True or False")
        if any_audience and audience is not None:
            raise ValueError("audience and any_audience contradict each other")
        self.issuers = None if issuer is None else _names("issuer", issuer)
        self.audiences = None if audience is None else _names("audience", audience)
        self.any_audience = any_audience
        self.leeway = check_seconds("leeway", leeway)
        if self.leeway < 0:
            raise ValueError("leeway must not be negative")
        if isinstance(required, str):
            raise TypeError("required must be a collection of names, not one string")
        self.required = tuple(required)
        if not all(isinstance(name, str) for name in self.required):
            raise TypeError("required must be a collection of names")

    def __str__(self) -> str:
        issuers, audiences = (names and sorted(names) for names in (self.issuers, self.audiences))
        return f"issuer={issuers}, audience={'any' if self.any_audience else audiences}"

    def check(self, claims: Mapping[str, Any], now: NumericDate) -> None:
        """Judge a Claims Set: the types of its registered claims, then what they say; expiry last.

        Raises:
            ClaimRefused: If one of them is not acceptable.
        """
        issuer, audience = claims.get("iss", ""), claims.get("aud", "")
        not_before, expires = claims.get("nbf", 0), claims.get("exp")
        if not (
            type(issuer) is str
            and type(audience) is str
            and type(expires) is int
            and type(not_before) is int
            and type(claims.get("sub", "")) is str
            and type(claims.get("jti", "")) is str
            and type(claims.get("iat", 0)) is int
        ):
            # The types that nearly every Claims Set has; whether others are right takes a closer look.
            check_types(claims)
        for name in self.required:
            if name not in claims:
                raise ClaimMissing(f"{name} is required", name)
        if self.issuers is not None and issuer not in self.issuers:
            raise _mismatch(claims, "iss", IssuerMismatch("iss is not an accepted issuer", "iss"))
        if self.audiences is not None:
            named = (
                not self.audiences.isdisjoint(audience)
                if isinstance(audience, list)
                else audience in self.audiences
            )
            if not named:
                raise _mismatch(
                    claims, "aud", AudienceMismatch("aud does not name the expected audience", "aud")
                )
        elif "aud" in claims and not self.any_audience:
            raise AudienceMismatch("aud names an audience, and none is expected", "aud")
        self.check_times(not_before, expires, now)

    def check_times(self, not_before: NumericDate, expires: NumericDate | None, now: NumericDate) -> None:
        """Judge what changes with time (RFC 7519 s4.1.4, s4.1.5).

        ``iat`` is not judged: RFC 7519 s4.1.6 gives it no power to make a token invalid.

        Raises:
            TokenExpired: From the moment of ``exp`` on.
            TokenNotYetValid: Before ``nbf``.
        """
        if now + self.leeway < not_before:
            raise TokenNotYetValid("the token is not valid yet", "nbf")
        if expires is not None and now - self.leeway >= expires:
            raise TokenExpired("the token has expired", "exp")


def check_types(claims: Mapping[str, Any]) -> None:
    """Check the types of the registered claims (RFC 7519 s4.1); ``null`` is a wrong type, not an absence.

    Raises:
        ClaimInvalid: For the first claim that has another type.
    """
    for name, value in claims.items():
        _check_type(name, value)


def _check_type(name: str, value: object) -> None:
    if name in _NUMERIC_DATES:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise ClaimInvalid(f"{name} must be a number of seconds", name)
    elif (
        name in _STRING_CLAIMS
        and not isinstance(value, str)
        and not (name == "aud" and _is_array_of_strings(value))
    ):
        raise ClaimInvalid(f"{name} must be {_STRING_CLAIMS[name]}", name)


def _mismatch(claims: Mapping[str, Any], name: str, mismatch: ClaimRefused) -> ClaimRefused:
    return mismatch if name in claims else ClaimMissing(f"{name} is required", name)


def check_seconds(name: str, value: NumericDate) -> NumericDate:
    """Return an option that is a number of seconds.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not _is_finite(value):
        raise ValueError(f"{name} must be finite")
    return value


def _is_finite(value: NumericDate) -> bool:
    # No NaN compares, and no integer too large for a float passes.
    return abs(value) <= float_info.max


def _is_array_of_strings(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _names(option: str, value: str | Iterable[str]) -> frozenset[str]:
    names = frozenset({value} if isinstance(value, str) else value)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{option} must be a string or a collection of strings")
    if not names or "" in names:
        raise ValueError(f"{option} must not be empty")
    return names
