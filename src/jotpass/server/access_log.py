"""What the server writes down: one line for each request, with neither query string nor header nor body.

Tokens travel in headers, bodies and (against advice) in query strings; none of these is ever logged. Control
characters in a path are escaped, so that no request can forge a second line.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured

ACCESS_FORMAT = '%(time)s %(addr)s "%(method)s %(path)s" %(status)d %(dt_ms).1f ms'


class OneLineFormatter(logging.Formatter):
    """Formats a record as exactly one printable line."""

    def format(self, record: logging.LogRecord) -> str:
        """Escape whatever does not print, line breaks and terminal sequences among it."""
        line = super().format(record)
        return line if line.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class AuditLogUnusable(ImproperlyConfigured):
    """The file of the audit log cannot be written."""


# Django's side: warnings and errors to stderr. A 4xx is an ordinary answer, which the access log has already.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # A database that is away is said by each answer; the pool would say it again at every attempt.
        "psycopg.pool": {"level": "ERROR"},
    },
}


def logging_settings(audit_log: str) -> dict[str, Any]:
    """Give Django's LOGGING.

    Args:
        audit_log: Where each event goes as a line of JSON: a file (begun anew when it was moved away), ``-``
            for stdout, empty for nowhere.

    Raises:
        AuditLogUnusable: The file cannot be written.
    """
    if not audit_log:
        return LOGGING
    if audit_log == "-":
        handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    else:
        _open_for_its_owner(audit_log)
        handler = {"class": "logging.handlers.WatchedFileHandler", "filename": audit_log}
    formatter = {"()": "jotpass.auth.audit_log.AuditFormatter"}
    events = {"handlers": ["audit"], "level": "INFO", "propagate": False}
    return LOGGING | {
        "formatters": {**LOGGING["formatters"], "audit": formatter},
        "handlers": {**LOGGING["handlers"], "audit": {**handler, "formatter": "audit"}},
        "loggers": {**LOGGING["loggers"], "jotpass.events": events},
    }


def _open_for_its_owner(path: str) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise AuditLogUnusable(f"JOTPASS_AUDIT_LOG names a file that cannot be written: {reason}.") from None


# The HTTP server's side: requests to stdout, its own messages to stderr.
SERVER_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(message)s"},
        "access": {"()": "jotpass.server.access_log.OneLineFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
        "access": {"class": "logging.StreamHandler", "formatter": "access", "stream": "ext://sys.stdout"},
    },
    "loggers": {
        "_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "granian.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}
