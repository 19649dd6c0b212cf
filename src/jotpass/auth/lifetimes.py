"""How long the tokens and the session of one sign-in live: the settings, or what the project decides."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from jotpass.auth.conf import Settings, jotpass_settings

if TYPE_CHECKING:
    from datetime import timedelta

    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """What the callable of the setting LIFETIMES returns. Each a timedelta; seconds are taken as well.

    Attributes:
        access: Of each access token; None for the setting ACCESS_TOKEN_LIFETIME of the moment.
        refresh: How long the session may be idle; None for REFRESH_TOKEN_LIFETIME of the moment.
        session: Of the session, whatever happens in it; None for SESSION_LIFETIME.

    Raises:
        ValueError: One of them is no duration of at least a second.
    """

    access: timedelta | None = None
    refresh: timedelta | None = None
    session: timedelta | None = None

    def __post_init__(self) -> None:
        """Judge them as the settings are judged."""
        for item in fields(self):
            value = getattr(self, item.name)
            if value is None:
                continue
            try:
                parsed = Settings.SESSION_LIFETIME.parse(value)
            except ValueError as error:
                message = f"{item.name} {error}"
                raise ValueError(message) from None
            object.__setattr__(self, item.name, parsed)


def lifetimes_of_sign_in(
    user: Any,
    request: HttpRequest | None,
    *,
    client_id: str,
    remember_me: bool,
) -> Lifetimes:
    """Ask the project how long this sign-in shall last.

    Raises:
        ImproperlyConfigured: It returned something else than `Lifetimes` or None.
    """
    decide = jotpass_settings.LIFETIMES
    if decide is None:
        return Lifetimes()
    lifetimes = decide(user, request, client_id=client_id, remember_me=remember_me)
    if lifetimes is None:
        return Lifetimes()
    if not isinstance(lifetimes, Lifetimes):
        message = f"JOTPASS['LIFETIMES'] must return Lifetimes or None, not {type(lifetimes).__name__}."
        raise ImproperlyConfigured(message)
    return lifetimes
