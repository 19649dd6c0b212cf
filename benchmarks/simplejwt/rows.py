"""What is measured, in groups that share the settings and the kind of database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from benchmarks.databases import relaxed_postgresql_urls, sqlite_urls

Databases: TypeAlias = Callable[[], AbstractContextManager[Callable[[], str]]]

NOT_SLOWER: Final = 1.0
VERIFICATION: Final = 5.0
ROTATION: Final = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        word: What the contestants call it.
        what: What is done.
        label: What the picture calls it.
        bound: How many times as fast as the real package the drop-in has to be.
        seconds: For how long each does it in a round.
    """

    word: str
    what: str
    label: str
    bound: float = NOT_SLOWER
    seconds: float = 0.08


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are measured in the same processes.

    Attributes:
        title: Of the table.
        databases: Makes a fresh database for each contestant.
        rows: What is measured.
        settings: What SIMPLE_JWT says besides the defaults; values that JSON can carry.
        short: What the picture calls it.
    """

    title: str
    databases: Databases
    rows: tuple[Row, ...]
    short: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def _token(*, verification: float = NOT_SLOWER) -> tuple[Row, ...]:
    return (
        Row("sign", "`str(AccessToken.for_user(user))`", "sign a token", seconds=0.04),
        Row("verify", "`AccessToken(raw)`", "verify a token", bound=verification, seconds=0.04),
        Row("verify-new", "the same, every token new to the process", "verify a new token", seconds=0.04),
        Row("forged", "`AccessToken(raw)` of a forged token, refused", "refuse a forged token", seconds=0.04),
    )


_ENDPOINTS: Final = (
    Row("authenticate", "`JWTAuthentication`, with the user's row", "authenticate a request"),
    Row("stateless", "`JWTStatelessUserAuthentication`", "authenticate, stateless"),
    Row("obtain", "obtain a pair through the view, MD5 for a password hash", "obtain a pair"),
    Row("refresh", "refresh through the view, no rotation", "refresh"),
    Row("verify-endpoint", "verify an access token through the view", "verify endpoint"),
    Row("blacklist", "blacklist a refresh token through the view", "blacklist endpoint"),
    Row("obtain-sliding", "obtain a sliding token through the view", "obtain a sliding token"),
    Row("verify-sliding", "`SlidingToken(raw)`", "verify a sliding token"),
    Row("refresh-sliding", "refresh a sliding token through the view", "refresh a sliding token"),
)
_ROTATION: Final = (Row("rotate", "refresh through the view, with rotation", "refresh, rotate"),)
_BLACKLIST: Final = (
    Row(
        "rotate",
        "refresh through the view, with rotation and blacklist",
        "refresh, rotate, blacklist",
        ROTATION,
    ),
    Row(
        "rotate-serializer",
        "the serializer alone, with rotation and blacklist",
        "the same, the serializer alone",
        ROTATION,
    ),
)
_ROTATING: Final = {"ROTATE_REFRESH_TOKENS": True}
_BLACKLISTING: Final = _ROTATING | {"BLACKLIST_AFTER_ROTATION": True}


def _on(name: str, short: str, databases: Databases) -> tuple[Group, ...]:
    return (
        Group(name, databases, _ENDPOINTS, short),
        Group(name, databases, _ROTATION, short, _ROTATING),
        Group(name, databases, _BLACKLIST, short, _BLACKLISTING),
    )


GROUPS: Final = (
    Group("Tokens, HS256", sqlite_urls, _token(verification=VERIFICATION), "HS256"),
    Group("Tokens, RS256", sqlite_urls, _token(), "RS256", {"ALGORITHM": "RS256"}),
    Group("Tokens, ES256", sqlite_urls, _token(), "ES256", {"ALGORITHM": "ES256"}),
    *_on("SQLite, WAL, synchronous=NORMAL", "SQLite", sqlite_urls),
    *_on("PostgreSQL, synchronous_commit=off", "PostgreSQL", relaxed_postgresql_urls),
)
