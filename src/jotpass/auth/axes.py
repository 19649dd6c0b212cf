"""django-axes, where a project has it: who it has locked out gets our answer, not its page.

The package is not imported. It marks the request, and its middleware puts a page of its own in the place of
whatever the view has answered to a marked one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings

from jotpass.auth import errors

if TYPE_CHECKING:
    from django.http import HttpRequest

_MARK: Final = "axes_locked_out"
_ANY_TIME: Final = timedelta(hours=1)


def refuse_locked_out(request: HttpRequest) -> None:
    """Refuse whom django-axes has just locked out, and take its mark off the request.

    Raises:
        Throttled: With the time of AXES_COOLOFF_TIME, or an hour where that does not say one.
    """
    if getattr(request, _MARK, False):
        setattr(request, _MARK, False)
        raise errors.Throttled(max(1, round(_cool_off().total_seconds())))


def _cool_off() -> timedelta:
    written = getattr(settings, "AXES_COOLOFF_TIME", None)
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return timedelta(hours=written)
    return written if isinstance(written, timedelta) else _ANY_TIME
