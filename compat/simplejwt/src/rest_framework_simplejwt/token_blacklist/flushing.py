"""Deleting entries of tokens that nobody can use any more, in batches along the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rest_framework_simplejwt.state import token_backend
from rest_framework_simplejwt.stored_digest import kind_of
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.utils import aware_utcnow, datetime_to_epoch

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 1000


def flush_expired(using: str | None = None, batch: int = BATCH) -> Iterator[int]:
    """Delete what has expired, LEEWAY included; may be interrupted at any time, and run beside the server.

    Args:
        using: The database alias; the router's choice unless it is given.
        batch: How many entries are held in memory and deleted at once.

    Yields:
        How many tokens each batch deleted.
    """
    tokens: Any = OutstandingToken.objects.using(using) if using else OutstandingToken.objects
    ended = aware_utcnow() - token_backend.get_leeway()
    expired = tokens.filter(expires_at__lte=ended).order_by("pk")
    last = 0
    while True:
        entries = list(expired.filter(pk__gt=last).values_list("pk", "token", "blacklistedtoken__pk")[:batch])
        if not entries:
            return
        last = entries[-1][0]
        gone = [
            key
            for key, text, taken_back in entries
            if not (taken_back and _lives_on(text, datetime_to_epoch(ended)))
        ]
        yield tokens.filter(pk__in=gone).delete()[1].get(OutstandingToken._meta.label, 0)


def _lives_on(text: str, ended: float) -> bool:
    """Whether an entry is of a sliding token that may still be exchanged, whatever its own end is."""
    return (kind_of(text).ends or 0) > ended
