"""Taking views out of ATOMIC_REQUESTS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Callable


def non_atomic(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view to run outside the request's transaction, on every database.

    A refusal of ours is an answer, and what it revoked stays revoked; and what needs no database opens none.
    """
    for alias in settings.DATABASES:
        view = transaction.non_atomic_requests(alias)(view)
    return view
