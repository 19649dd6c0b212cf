"""Whether this process can answer: its signing key, the database, the tables in it, the revocations.

One examination runs at a time, in a thread of its own, because nothing else ends the wait for a database
that hangs. Whoever asks meanwhile is told of the same one, and for a second its findings hold: asking costs
little, however many ask.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Final

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import access_key_ring, issuers_in_use
from jotpass.auth.live_key_ring import LiveKeyRing
from jotpass.auth.models import Session, session_database
from jotpass.auth.revocation import feed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jotpass.keys.key_ring import KeyRing

logger = logging.getLogger("jotpass.readiness")

PATIENCE: Final = 1.0
"""Seconds after which what has not been found out is a finding."""

HOLDS: Final = 1.0
"""Seconds for which findings hold."""

OK: Final = "ok"
OFF: Final = "off"
FAILED: Final = "failed"
PENDING: Final = "pending"
STALE: Final = "stale"
TIMEOUT: Final = "timeout"
UNKNOWN: Final = "unknown"

READY: Final = frozenset({OK, OFF})

_PROBE_TYPE: Final = "readiness+jwt"
"""No token of this type is accepted anywhere."""


def signing_key() -> str:
    """Sign something that never leaves the process, and verify it; for each issuer."""
    outcomes = {_examine_keys(access_key_ring(issuer)) for issuer in issuers_in_use()}
    return FAILED if FAILED in outcomes else OK


def _examine_keys(keys: KeyRing | LiveKeyRing) -> str:
    live = keys if isinstance(keys, LiveKeyRing) else None
    if live and not live.begun:
        # Whoever signs in first makes them; a probe does not.
        return OK
    algorithm = None if live else jotpass_settings.SIGNING_ALGORITHM
    token = jose.sign_jwt({}, keys.signing, algorithm=algorithm, typ=_PROBE_TYPE)
    algorithms = None if algorithm is None else [algorithm]
    jose.verify_jwt(token, keys.verification, algorithms=algorithms, typ=_PROBE_TYPE, required=())
    # Requests are answered by the keys of before, which may have been replaced for a reason.
    return FAILED if live and live.is_failing else OK


def database() -> str:
    """Ask the database of the sessions for anything."""
    with connections[session_database()].cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def migrations() -> str:
    """Look for migrations of ours that the database has not seen."""
    applied = MigrationRecorder(connections[session_database()]).applied_migrations()
    return OK if _latest_migrations() <= applied.keys() else PENDING


@cache
def _latest_migrations() -> frozenset[tuple[str, str]]:
    label = Session._meta.app_label
    return frozenset(node for node in MigrationLoader(None).graph.leaf_nodes() if node[0] == label)


def revocation_feed() -> str:
    """Read the revocations if that is due, as a request would."""
    if jotpass_settings.REVOCATION == "none":
        return OFF
    max_staleness = jotpass_settings.REVOCATION_MAX_STALENESS.total_seconds()
    try:
        feed.is_revoked(max_staleness=max_staleness, fail_open=jotpass_settings.REVOCATION_FAIL_OPEN)
    except errors.FeedStale:
        return STALE
    return OK


PARTS: Final = {
    "signing_key": signing_key,
    "database": database,
    "migrations": migrations,
    "revocation_feed": revocation_feed,
}
"""In this order; when the database has failed, what is in it is not examined."""


class Examination:
    """One walk over the parts.

    Args:
        parts: What is examined, by name.
        now: When it begins.
    """

    def __init__(self, parts: Mapping[str, Callable[[], str]], now: float) -> None:
        """Have found nothing yet."""
        self._parts = parts
        self._found: dict[str, str] = {}
        self.done = threading.Event()
        self.began_at = now
        self.ended_at: float | None = None

    def run(self, clock: Callable[[], float]) -> None:
        """Examine one part after the other, and give every connection back."""
        try:
            for name, examine in self._parts.items():
                self._found[name] = _outcome(name, examine)
                if examine is database and self._found[name] == FAILED:
                    break
        finally:
            connections.close_all()
            self.ended_at = clock()
            self.done.set()

    def findings(self) -> dict[str, str]:
        """Return what is known of each part."""
        ended, found = self.done.is_set(), dict(self._found)
        missing = [name for name in self._parts if name not in found]
        waiting = {} if ended or not missing else {missing[0]: TIMEOUT}
        return {name: found.get(name) or waiting.get(name, UNKNOWN) for name in self._parts}


def _outcome(name: str, examine: Callable[[], str]) -> str:
    try:
        return examine()
    except Exception:
        # Whatever a driver or a key store raises; the log has it, the answer has not.
        logger.warning("not ready: %s", name, exc_info=True)
        return FAILED


class Readiness:
    """What is known of this process at the moment.

    Args:
        parts: What is examined, by name.
        clock: Seconds that never go back.
    """

    def __init__(
        self, parts: Mapping[str, Callable[[], str]] = PARTS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with nothing examined."""
        self._parts = parts
        self._clock = clock
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._latest: Examination | None = None

    def findings(self) -> dict[str, str]:
        """Return what is known of each part, after at most `PATIENCE` seconds."""
        with self._lock:
            examination = self._latest
            if examination is None or self._is_over(examination):
                examination = self._latest = self._begin()
        # Who comes late to one that hangs does not wait as long again.
        examination.done.wait(max(0.0, examination.began_at + PATIENCE - self._clock()))
        return examination.findings()

    def _is_over(self, examination: Examination) -> bool:
        return examination.ended_at is not None and self._clock() >= examination.ended_at + HOLDS

    def _begin(self) -> Examination:
        examination = Examination(self._parts, self._clock())
        thread = threading.Thread(
            target=examination.run, args=(self._clock,), name="jotpass-readiness", daemon=True
        )
        thread.start()
        return examination


readiness: Final = Readiness()
