"""Which of the two databases the sessions are in, at this moment."""

from __future__ import annotations

import os
from typing import Final

SMALL: Final = "small"
LARGE: Final = "large"


class Chosen:
    """A router that sends everything to the database last chosen."""

    alias = os.environ.get("GROWTH_CHOSEN", SMALL)

    def db_for_read(self, _model: object, **_: object) -> str:
        """That one."""
        return self.alias

    def db_for_write(self, _model: object, **_: object) -> str:
        """That one."""
        return self.alias


def choose(alias: str) -> None:
    """Let sessions be in this database from now on."""
    Chosen.alias = alias
