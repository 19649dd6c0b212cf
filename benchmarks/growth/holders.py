"""The people who hold the refresh tokens of a database, drawn uniformly at random."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from django.db import connections

from benchmarks.growth.router import choose
from jotpass.auth.rotation import rotate_refresh_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.growth.numbered import Numbered


@dataclass
class Holders:
    """Everybody with a live session in one database.

    Attributes:
        using: The alias of the database.
        sessions: Their sessions, as they were written.
        tokens: The refresh tokens of those whose turn has come before.
    """

    using: str
    sessions: Numbered
    tokens: dict[int, str] = field(default_factory=dict)
    _random: random.Random = field(default_factory=lambda: random.Random(2027))  # noqa: S311 (no secret)

    def refresh(self, count: int) -> list[float]:
        """Let so many of them refresh, each call by itself; the seconds that each took."""
        return [self._refresh(number) for number in self._draw(count)]

    def _draw(self, count: int) -> Iterable[int]:
        return (self._random.randrange(self.sessions.count) for _ in range(count))

    def _refresh(self, number: int) -> float:
        # Known without a look at the row, which would warm it.
        token = self.tokens.get(number) or self.sessions.refresh_token(number)
        choose(self.using)
        started = perf_counter()
        rotation = rotate_refresh_token(token)
        seconds = perf_counter() - started
        assert rotation.pair, rotation
        self.tokens[number] = rotation.pair.refresh
        return seconds

    def updates(self) -> tuple[int, int]:
        """How many rows of families were updated since the server started, and how many of them HOT."""
        with connections[self.using].cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute(
                "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
                " WHERE relname = 'jotpass_tokenfamily'"
            )
            updated, hot = cursor.fetchone()
        return updated, hot
