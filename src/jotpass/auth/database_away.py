"""What a database raises when it cannot serve at the moment: the mark of a 503, in every web framework."""

from __future__ import annotations

from typing import Final

from django.db import InterfaceError, InternalError, OperationalError

DATABASE_AWAY: Final = (OperationalError, InterfaceError, InternalError)
"""Gone, locked, exhausted or full; its connection cut; or, after a failover, read-only for the time being."""
