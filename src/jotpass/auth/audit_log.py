"""The audit log: each event as one line of JSON with the same members, for programs that read logs.

A ``logging.Formatter`` and no more. Where the lines go is for the project's LOGGING to say.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

_MEMBERS: Final = frozenset(
    {"name", "user_id", "session_id", "family_id", "client_id", "reason", "device", "previous_device"}
)
"""The attributes of an `Event`, which is not imported: logging is configured before Django has its apps."""


class AuditFormatter(logging.Formatter):
    """Writes a record of the logger ``jotpass.events`` as one line of ASCII.

    The members of an event, all of them strings, empty where they do not apply: ``time`` (UTC, RFC 3339),
    ``level``, ``event``, ``user_id``, ``sid``, ``fid``, ``client_id``, ``reason``, ``address``,
    ``user_agent``, ``previous_address``, ``previous_user_agent``, ``request_id``. Whatever somebody has put
    into a header, no line ends before its event does. A record of another kind has ``time``, ``level``,
    ``logger``, ``message`` and ``exception``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write the line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment.replace("+00:00", "Z"), "level": record.levelname}
        event = _event_of(record)
        line |= self._of_another_kind(record) if event is None else _of_event(event, record)
        return json.dumps(line)

    def _of_another_kind(self, record: logging.LogRecord) -> dict[str, str]:
        exception = self.formatException(record.exc_info) if record.exc_info else ""
        return {"logger": record.name, "message": record.getMessage(), "exception": exception}


def _event_of(record: logging.LogRecord) -> dict[str, Any] | None:
    """Find an event of ours; others may call something of theirs ``event``, too."""
    event = getattr(record, "event", None)
    return event if isinstance(event, dict) and event.keys() >= _MEMBERS else None


def _of_event(event: dict[str, Any], record: logging.LogRecord) -> dict[str, str]:
    device, previous = event["device"], event["previous_device"]
    return {
        "event": event["name"],
        "user_id": event["user_id"],
        "sid": event["session_id"],
        "fid": event["family_id"],
        "client_id": event["client_id"],
        "reason": event["reason"],
        "address": device["address"],
        "user_agent": device["user_agent"],
        "previous_address": previous["address"],
        "previous_user_agent": previous["user_agent"],
        "request_id": getattr(record, "request_id", ""),
    }
