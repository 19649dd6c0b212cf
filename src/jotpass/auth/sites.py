"""Which issuer a request belongs to, where one process serves several (setting SITE_RESOLVER).

Keys, access tokens and refresh tokens are an issuer's own, so a token of one site is refused at every other.
A project without a resolver is one site: that of ISSUER and AUDIENCE.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, SuspiciousOperation
from django.http import Http404

from jotpass.auth import errors
from jotpass.auth.conf import configured, jotpass_settings
from jotpass.auth.remembered import remembered
from jotpass.auth.setting_values import MAX_ISSUER_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("jotpass.sites")

_UNKNOWN: Final = (LookupError, ObjectDoesNotExist, Http404, SuspiciousOperation)
"""How a resolver says that it knows no site: what a dict, a model, a shortcut and ``get_host`` raise."""

_ANSWER: Final = "_jotpass_site"


@dataclass(frozen=True, slots=True)
class Site:
    """One issuer of tokens, and whom its tokens are for.

    Attributes:
        issuer: ``iss``, compared exactly.
        audience: ``aud``, one or several; a token must name one of them. A list becomes a tuple.

    Raises:
        TypeError: Something is no string.
        ValueError: Something is empty, or the issuer longer than `MAX_ISSUER_LENGTH` characters.
    """

    issuer: str
    audience: str | tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no token could say."""
        given: object = self.audience
        if isinstance(given, list):
            # A site is looked up by its hash.
            object.__setattr__(self, "audience", tuple(given))
        elif not isinstance(given, str | tuple):
            raise TypeError("the audience of a Site is a string or a tuple of strings")
        audiences = (self.audience,) if isinstance(self.audience, str) else self.audience
        if not all(isinstance(name, str) for name in (self.issuer, *audiences)):
            raise TypeError("a Site is an issuer and an audience: a string, and a string or a tuple of them")
        if not audiences or not all((self.issuer, *audiences)) or len(self.issuer) > MAX_ISSUER_LENGTH:
            message = f"neither may be empty, and an issuer has at most {MAX_ISSUER_LENGTH} characters"
            raise ValueError(message)


def site_of(request: Any) -> Site:
    """Return the site that a request belongs to.

    Args:
        request: A Django request or one that wraps it; None where nobody asks over HTTP, and then the site is
            that of ISSUER and AUDIENCE.

    Raises:
        SiteUnknown: The resolver knows no site for it.
    """
    return chosen_site(request) or default_site()


def chosen_site(request: Any) -> Site | None:
    """Return what the resolver chose, None where there is nothing to choose. Every policy takes either.

    Raises:
        SiteUnknown: The resolver knows no site for the request.
    """
    if request is None or configured().get("SITE_RESOLVER") is None:
        return None
    # A resolver is handed Django's request, whichever framework wrapped it, and asked once for each.
    own = getattr(request, "_request", request)
    site: Site | None = getattr(own, _ANSWER, None)
    if site is None:
        site = _resolve(own)
        setattr(own, _ANSWER, site)
    return site


@remembered
def default_site() -> Site:
    """Return the site of ISSUER and AUDIENCE."""
    return Site(jotpass_settings.ISSUER, jotpass_settings.AUDIENCE)


@remembered
def _resolver() -> Callable[[Any], Any] | None:
    return jotpass_settings.SITE_RESOLVER


def _resolve(request: Any) -> Site:
    resolve = _resolver()
    try:
        site = resolve(request) if resolve else default_site()
    except _UNKNOWN as error:
        # With its cause: a mistake inside the resolver may look like a host that nobody knows.
        logger.warning("JOTPASS['SITE_RESOLVER'] knows no site for a request", exc_info=error)
        raise errors.SiteUnknown from None
    if site is None:
        raise errors.SiteUnknown
    if not isinstance(site, Site):
        message = f"JOTPASS['SITE_RESOLVER'] must return a Site or None, not {type(site).__name__}."
        raise ImproperlyConfigured(message)
    return site
