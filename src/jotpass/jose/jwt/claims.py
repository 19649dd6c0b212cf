"""The Claims Set: what it looks like, and when it is acceptable (RFC 7519 s4.1, s7.2).

Nothing here looks at signatures or clocks: ``now`` is handed in.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from jotpass.jose.errors import (
    AudienceMismatch,
    ClaimInvalid,
    ClaimMissing,
    IssuerMismatch,
    TokenExpired,
    TokenNotYetValid,
)
from jotpass.jose.frozen_json import FrozenObject, freeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jotpass.jose.jwk.key import Key

NumericDate = int | float
"""Seconds since the epoch (RFC 7519 s2)."""

_STRINGS: Final = frozenset({"iss", "sub", "jti"})
_NUMERIC_DATES: Final = frozenset({"exp", "nbf", "iat"})


class ClaimsSet(FrozenObject):
    """The claims of a verified token: a read-only ``dict``.

    Nested objects and arrays are read-only too. ``copy.deepcopy`` gives plain ones.
    """

    __slots__ = ("_header", "_key")

    def __init__(self, members: Mapping[str, Any], header: FrozenObject, key: Key) -> None:
        super().__init__(members)
        self._header = header
        self._key = key

    @property
    def header(self) -> FrozenObject:
        """The JOSE Header of the token, read-only."""
        return self._header

    @property
    def key(self) -> Key:
        """The key that the signature was verified with."""
        return self._key


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
        if any_audience and audience is not None:
            raise ValueError("audience and any_audience contradict each other")
        self.issuers = None if issuer is None else _names("issuer", issuer)
        self.audiences = None if audience is None else _names("audience", audience)
        self.any_audience = any_audience
        self.leeway = check_seconds("leeway", leeway)
        if self.leeway < 0:
            raise ValueError("leeway must not be negative")
        if isinstance(required, str | bytes):
            raise TypeError("required must be a collection of names, not one string")
        implied = [name for name, names in (("iss", self.issuers), ("aud", self.audiences)) if names]
        self.required = tuple(dict.fromkeys((*required, *implied)))

    def check(self, claims: Mapping[str, Any], now: NumericDate) -> None:
        """Judge claims whose types are right.

        Raises:
            ClaimRefused: If one of them is not acceptable; expiry is judged last.
        """
        for name in self.required:
            if name not in claims:
                raise ClaimMissing(f"{name} is required", name)
        if self.issuers is not None and claims["iss"] not in self.issuers:
            raise IssuerMismatch("iss is not an accepted issuer", "iss")
        if self.audiences is not None:
            audience = claims["aud"]
            if self.audiences.isdisjoint((audience,) if isinstance(audience, str) else audience):
                raise AudienceMismatch("aud does not name the expected audience", "aud")
        elif "aud" in claims and not self.any_audience:
            raise AudienceMismatch("aud names an audience, and none is expected", "aud")
        self.check_times(claims, now)

    def check_times(self, claims: Mapping[str, Any], now: NumericDate) -> None:
        """Judge what changes with time (RFC 7519 s4.1.4, s4.1.5).

        ``iat`` is not judged: RFC 7519 s4.1.6 gives it no power to make a token invalid.

        Raises:
            TokenExpired: From the moment of ``exp`` on.
            TokenNotYetValid: Before ``nbf``.
        """
        not_before, expires = claims.get("nbf"), claims.get("exp")
        if not_before is not None and now + self.leeway < not_before:
            raise TokenNotYetValid("the token is not valid yet", "nbf")
        if expires is not None and now - self.leeway >= expires:
            raise TokenExpired("the token has expired", "exp")


def check_types(claims: Mapping[str, Any]) -> None:
    """Check the types of the registered claims (RFC 7519 s4.1); ``null`` is a wrong type, not an absence.

    Raises:
        ClaimInvalid: For the first claim that has another type.
    """
    for name, value in claims.items():
        if name in _NUMERIC_DATES:
            if type(value) is not int and not (isinstance(value, float) and isfinite(value)):
                raise ClaimInvalid(f"{name} must be a number of seconds", name)
        elif name in _STRINGS:
            if not isinstance(value, str):
                raise ClaimInvalid(f"{name} must be a string", name)
        elif name == "aud" and not isinstance(value, str) and not _is_array_of_strings(value):
            raise ClaimInvalid("aud must be a string or an array of strings", "aud")


def freeze_claims(members: dict[str, Any], header: FrozenObject, key: Key) -> ClaimsSet:
    """Turn parsed members into the claims of a verified token."""
    for name, value in members.items():
        if type(value) in _CONTAINERS:
            members[name] = freeze(value)
    return ClaimsSet(members, header, key)


def check_seconds(name: str, value: NumericDate) -> NumericDate:
    """Return an option that is a number of seconds.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not isfinite(value):
        raise ValueError(f"{name} must be finite")
    return value


def _is_array_of_strings(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _names(option: str, value: str | Iterable[str]) -> frozenset[str]:
    names = frozenset({value} if isinstance(value, str) else value)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{option} must be a string or a collection of strings")
    if not names or "" in names:
        raise ValueError(f"{option} must not be empty")
    return names


_CONTAINERS: Final = frozenset({dict, list})
