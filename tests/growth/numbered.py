"""Numbered sessions, each with one family, written by PostgreSQL itself: millions in a minute or two.

Everything about number `n` is a function of `n`, so its first refresh token is known without a look at its
row. Identifiers are UUIDs of version 7, in the order in which the sessions began, as in real life.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.db.models import NOT_PROVIDED

from jotpass.auth.account import auth_hash_of
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import refresh_key_ring
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.refresh_tokens import PresentedToken, mint_refresh_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Field, Model

LIFETIME: Final = timedelta(days=14)
CHUNK: Final = 50_000
_USER_STRIDE: Final = 7919  # a prime: neighbours in time are different people


@dataclass(frozen=True)
class Numbered:
    """Sessions that began between `begin` and `begin + span`, at even distances.

    Attributes:
        letter: Tells one set of them from another in the same database.
        count: How many.
        users: Among how many people they are shared out.
        begin: When the first began.
        span: How much later the last one did.
        idle_expires_at: When all their refresh tokens end, in whole seconds.
    """

    letter: str
    count: int
    users: int
    begin: datetime
    span: timedelta
    idle_expires_at: datetime

    @classmethod
    def live(cls, count: int, *, users: int) -> Numbered:
        """Sessions of the last ten days, whose refresh tokens are good for most of a day more."""
        now = datetime.now(UTC).replace(microsecond=0)
        return cls("a", count, users, now - timedelta(days=10), timedelta(days=10), now + timedelta(hours=23))

    @classmethod
    def ended(cls, count: int, *, users: int) -> Numbered:
        """Sessions that ended more than a week ago."""
        begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)
        return cls("z", count, users, begin, timedelta(days=30), begin + LIFETIME)

    def family_id(self, number: int) -> UUID:
        """The `fid` of a session's family."""
        milliseconds = self._milliseconds + int(self._step * number)
        noise = hashlib.md5(f"{self.letter}f{number}".encode()).hexdigest()  # noqa: S324 (a name, no secret)
        return UUID(f"{milliseconds:012x}7{noise[:3]}8{noise[3:18]}")

    def refresh_token(self, number: int) -> str:
        """The refresh token that its holder was given at sign-in."""
        random_value = hashlib.md5(f"{self.letter}r{number}".encode()).hexdigest()[:22]  # noqa: S324
        token = PresentedToken(self.family_id(number), 1, self.idle_expires_at, random_value)
        issuer = jotpass_settings.ISSUER
        return mint_refresh_token(token, issuer=issuer, keys=refresh_key_ring(issuer))

    @property
    def _milliseconds(self) -> int:
        return int(self.begin.timestamp() * 1000)

    @property
    def _step(self) -> int:
        """Milliseconds from one to the next."""
        return int(self.span.total_seconds() * 1000) // self.count

    def insert(self, using: str, first: int, last: int, auth_hash: str) -> None:
        """Write the sessions and families from one number to before another."""
        began = f"timestamptz '{self.begin.isoformat()}' + n * interval '{self._step} milliseconds'"
        session = _columns(Session) | {
            "sid": self._uuid("s"),
            "user_id": f"1 + (n::bigint * {_USER_STRIDE}) % {self.users}",
            "auth_time": began,
            "created_at": began,
            "expires_at": f"{began} + interval '{LIFETIME.total_seconds()} seconds'",
            "amr": "'[\"pwd\"]'",
            "user_agent": "'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'",
            "address": "'192.0.2.1'",
            "auth_hash": f"'{auth_hash}'",
        }
        family = _columns(TokenFamily) | {
            "fid": self._uuid("f"),
            "session_id": self._uuid("s"),
            "client_id": "'first-party'",
            "transport": "'body'",
            "rotated_at": began,
            "last_used_at": began,
            "idle_expires_at": f"timestamptz '{self.idle_expires_at.isoformat()}'",
            "access_expires_at": f"{began} + interval '5 minutes'",
            "random_value": f"substr(md5('{self.letter}r' || n), 1, 22)",
        }
        _insert(using, Session, session, first, last)
        _insert(using, TokenFamily, family, first, last)

    def _uuid(self, what: str) -> str:
        noise = f"md5('{self.letter}{what}' || n)"
        time = f"lpad(to_hex({self._milliseconds} + {self._step} * n::bigint), 12, '0')"
        return f"({time} || '7' || substr({noise}, 1, 3) || '8' || substr({noise}, 4, 15))::uuid"


def insert_users(using: str, count: int) -> str:
    """Write people with the primary keys from 1 on, and return the hash their sessions are bound to."""
    model = get_user_model()
    password = make_password("correct horse battery staple")
    user = _columns(model) | {
        "id": "n",
        "username": "'person' || n",
        "email": "'person' || n || '@example.org'",
        "password": f"'{password}'",
        "date_joined": "now()",
        "is_active": "true",
    }
    for first in range(1, count + 1, CHUNK):
        _insert(using, model, user, first, min(first + CHUNK, count + 1))
    return auth_hash_of(model(password=password))


def insert_ended_revocations(using: str, count: int) -> None:
    """Write revocations that ended some days ago."""
    moment = "now() - interval '9 days' + n * interval '1 millisecond'"
    row = _columns(Revocation) | {
        "key": "md5('key' || n)",
        "recorded_at": moment,
        "until": f"{moment} + interval '6 minutes'",
    }
    row.pop("id")
    for first in range(0, count, CHUNK):
        _insert(using, Revocation, row, first, min(first + CHUNK, count))


def settle(using: str) -> None:
    """Bring statistics and the visibility map to where they are in a database that has been up for a day."""
    with connections[using].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _columns(model: type[Model]) -> dict[str, str]:
    """Every column, with the literal of its default: what a later version adds is filled in, too."""
    fields: list[Any] = model._meta.concrete_fields  # type: ignore[assignment]
    return {field.column: _literal(field) for field in fields if field.db_default is NOT_PROVIDED}


def _literal(field: Field[Any, Any]) -> str:
    default = (
        None if field.primary_key or not (field.has_default() or not field.null) else field.get_default()
    )
    if default is None:
        return "NULL"
    if isinstance(default, bool | int):
        return str(default).lower()
    return f"'{default}'"


def _insert(using: str, model: type[Model], row: Mapping[str, str], first: int, last: int) -> None:
    columns, values = ", ".join(f'"{name}"' for name in row), ", ".join(row.values())
    with connections[using].cursor() as cursor:
        # Foreign keys are looked after by triggers, which look up each row by itself.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({columns}) '  # noqa: S608 (our own columns)
            f"SELECT {values} FROM generate_series({first}::bigint, {last - 1}) AS n"
        )
        cursor.execute("RESET session_replication_role")
