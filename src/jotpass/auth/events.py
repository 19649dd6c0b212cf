"""What happened to a session: one event, one signal, one line in the log, after commit.

Events are not rows; a project that wants rows connects a receiver. No event holds a token.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from django.db import connections, transaction
from django.dispatch import Signal

from jotpass.auth import signals
from jotpass.auth.device import Device
from jotpass.auth.printable import printable

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger("jotpass.events")

_SIGNALS: dict[str, Signal] = {
    name: value for name, value in vars(signals).items() if isinstance(value, Signal)
}

ALARMING = frozenset({"sign_in_failed", "refresh_recovered", "generation_ahead", "reuse_detected"})
"""Logged as warnings: a person should be able to find these."""


MAX_REQUEST_ID_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        name: The name of its signal.
        user_id: The user's primary key as text, empty when unknown.
        session_id: ``sid``, empty when there is none.
        family_id: ``fid``, empty when it is about the whole session.
        client_id: The client.
        reason: Why, for a revocation.
        device: Who asked.
        previous_device: Who signed in, where the two may differ.
    """

    name: str
    user_id: str = ""
    session_id: str = ""
    family_id: str = ""
    client_id: str = ""
    reason: str = ""
    device: Device = field(default_factory=Device)
    previous_device: Device = field(default_factory=Device)


def emit_after_commit(event: Event, *, using: str, request: HttpRequest | None = None) -> None:
    """Send the event once the transaction that it tells of is committed; at once outside a transaction.

    Args:
        event: What happened.
        using: The database whose transaction it belongs to.
        request: The request in which it happened.
    """
    # Django would connect to find out, and a refusal that did not need the database is told without it.
    if connections[using].in_atomic_block:
        transaction.on_commit(partial(_emit, event, request), using=using, robust=True)
        return
    try:
        _emit(event, request)
    except Exception:
        logger.exception("%s could not be told", event.name)


def _emit(event: Event, request: HttpRequest | None) -> None:
    level = logging.WARNING if event.name in ALARMING else logging.INFO
    if logger.isEnabledFor(level):
        logger.log(
            level,
            "%s user=%s sid=%s fid=%s",
            event.name,
            event.user_id,
            event.session_id,
            event.family_id,
            extra={"event": asdict(event), "request_id": _request_id(request)},
        )
    for receiver, response in _SIGNALS[event.name].send_robust(sender=Event, event=event, request=request):
        if isinstance(response, Exception):
            logger.error("receiver %r of %s failed", receiver, event.name, exc_info=response)


def _request_id(request: HttpRequest | None) -> str:
    """Read the name that a proxy has given the request, so that its log and ours can be laid side by side."""
    written = "" if request is None else str(request.META.get("HTTP_X_REQUEST_ID", ""))
    return printable(written[:MAX_REQUEST_ID_LENGTH])
