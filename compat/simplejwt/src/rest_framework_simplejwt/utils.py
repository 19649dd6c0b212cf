"""Moments as seconds since the epoch, texts that are put together late, and the logger."""

from __future__ import annotations

import hashlib
import logging
from calendar import timegm
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.functional import lazy
from django.utils.timezone import is_naive, make_aware

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("rest_framework_simplejwt")


def get_md5_hash_password(password: str | None) -> str | None:
    """Return the MD5 of a password's hash in upper-case hexadecimal digits; None of none.

    It is on the wire, so it stays. The warning ``simplejwt.W006`` names what is better.
    """
    if password is None:
        return None
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest().upper()


def make_utc(dt: datetime) -> datetime:
    """Take a naive moment to be UTC, where the project uses time zones."""
    return make_aware(dt, timezone=UTC) if settings.USE_TZ and is_naive(dt) else dt


def aware_utcnow() -> datetime:
    """Return this moment in UTC; naive where the project does not use time zones."""
    now = datetime.now(tz=UTC)
    return now if settings.USE_TZ else now.replace(tzinfo=None)


def datetime_to_epoch(dt: datetime) -> int:
    """Return the whole seconds since the epoch of a moment in UTC."""
    return timegm(dt.utctimetuple())


def datetime_from_epoch(ts: float) -> datetime:
    """Return the moment of so many seconds since the epoch; naive where the project does not use time zones.

    Raises:
        OverflowError, ValueError, OSError: No calendar goes that far.
    """
    moment = datetime.fromtimestamp(ts, tz=UTC)
    return moment if settings.USE_TZ else moment.replace(tzinfo=None)


def _format(text: str, *args: object, **kwargs: object) -> str:
    return text.format(*args, **kwargs)


format_lazy: Callable[..., str] = lazy(_format, str)
