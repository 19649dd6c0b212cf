"""Whether a request that a cookie authenticates was made by a page that we trust (RFC 10017 s6.1.3.3).

The browser says so, in headers that no script can write: ``Sec-Fetch-Site``, or ``Origin`` where a browser is
too old for it. A client that sends neither is no browser, and has no use for cookies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from jotpass.auth import errors
from jotpass.auth.origins import origin_of
from jotpass.auth.transports import transport_policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 s9.2.1)."""


class HasOrigin(Protocol):
    """What this room needs of a request: Django's has it, and what DRF wraps around that."""

    @property
    def META(self) -> Mapping[str, Any]:  # noqa: N802
        """The headers, in the names of WSGI."""

    @property
    def scheme(self) -> str | None:
        """``https`` or ``http``."""

    def get_host(self) -> str:
        """Return the Host header, if it is one of ALLOWED_HOSTS."""


def is_trusted(*, fetch_site: str | None, origin: str | None, own: str, trusted: AbstractSet[str]) -> bool:
    """Decide whether a request was made by a page of our own or of an origin that the project trusts. Pure.

    Args:
        fetch_site: ``Sec-Fetch-Site``, None when it did not come.
        origin: ``Origin``, None when it did not come.
        own: Our own origin.
        trusted: Other origins that the project trusts.

    Returns:
        False when the headers deny it, and when they do not say.
    """
    if origin == "null":
        # A sandboxed frame, a redirect from elsewhere: whoever it is does not want to be known.
        return False
    if fetch_site == "same-origin" or origin in trusted:
        return True
    return fetch_site is None and origin == own


def comes_from_trusted_page(request: HasOrigin) -> bool:
    """Apply `is_trusted` to a request."""
    return is_trusted(
        fetch_site=request.META.get("HTTP_SEC_FETCH_SITE"),
        origin=request.META.get("HTTP_ORIGIN"),
        own=origin_of(request.scheme or "", request.get_host()),
        trusted=transport_policy().trusted_origins,
    )


def check_csrf(request: HasOrigin) -> None:
    """Refuse a request that no trusted page made.

    Raises:
        CsrfFailed: 403.
    """
    if not comes_from_trusted_page(request):
        raise errors.CsrfFailed
