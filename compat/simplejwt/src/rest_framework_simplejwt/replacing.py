"""How a token is taken back, and how another comes in its place: by the books, or as its own class says."""

from __future__ import annotations

from inspect import getattr_static
from typing import Any, Final

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import BlacklistMixin, NoBooksError

_BY_THE_BOOKS: Final = {name: vars(BlacklistMixin)[name] for name in ("blacklist", "outstand", "successor")}


def take_back(token: Any) -> bool:
    """Take a token back, where its class can: a project's own may keep its own list, without the app.

    Returns:
        False where somebody else had taken it back, as far as its class says.
    """
    if not hasattr(token, "blacklist"):
        return True
    try:
        outcome = token.blacklist()
    except NoBooksError:
        # An override that goes on to ours, in a project without the app.
        return True
    said_so = isinstance(outcome, tuple) and outcome[-1:] == (False,)
    return not (said_so or getattr(token, "_came_second", False))


def rotated(token: Any) -> str:
    """Put another token in a token's place, and take it back where BLACKLIST_AFTER_ROTATION says so.

    Returns:
        The other's text.

    Raises:
        TokenError: Somebody else has taken the token back meanwhile, or its user is gone.
    """
    if _is_by_the_books(token):
        from rest_framework_simplejwt.token_blacklist import books  # noqa: PLC0415 (its tables may not exist)

        return books.rotate(token) if api_settings.BLACKLIST_AFTER_ROTATION else books.follow(token)[1]
    # The calls that an override expects, in their order, on the token itself.
    if api_settings.BLACKLIST_AFTER_ROTATION and not take_back(token):
        raise TokenError(_("Token is blacklisted"))
    token.set_jti()
    token.set_exp()
    token.set_iat()
    token.outstand()
    return str(token)


def _is_by_the_books(token: Any) -> bool:
    return apps.is_installed("rest_framework_simplejwt.token_blacklist") and all(
        getattr_static(token, name, None) is ours for name, ours in _BY_THE_BOOKS.items()
    )
