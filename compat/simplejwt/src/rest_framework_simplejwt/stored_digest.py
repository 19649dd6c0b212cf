"""What the books hold in place of a token: its digest, and of what kind it was.

``sha256:<hex>`` stands for a refresh token, ``sha256:<type>:<end>:<hex>`` for any other. The end, in seconds
since the epoch, is the ``refresh_exp`` of a sliding token: its id lives on until then in every exchange.
"""

from __future__ import annotations

import math
import re
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model

from jotpass import jose
from rest_framework_simplejwt.holders import is_primary_key
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import datetime_to_epoch, logger

DIGEST_PREFIX: Final = "sha256:"

_REFRESH: Final = "refresh"
_KIND: Final = re.compile(r"sha256:([\w.-]*):([0-9]*):[0-9a-f]{64}", re.ASCII)
_TYPE: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)
_LAST_MOMENT: Final = 253402300800
"""The end of the year 9999, the last of which there is a date."""


class Kind(NamedTuple):
    """What is known of a token whose text is not kept.

    Attributes:
        token_type: What it is for; empty where it does not say.
        ends: When a sliding token can be exchanged no more, in seconds since the epoch; None for any other.
    """

    token_type: str
    ends: int | None


class StoredDigest(str):
    """The digest of a token, as an entry of the books shows it: it knows its entry.

    Code that reads tokens from the table and takes them back, ``RefreshToken(entry.token).blacklist()``, goes
    on to work by that. Nothing that a request brings is of this type, and neither is what ``str`` or pickle
    make of one.
    """

    __slots__ = ("entry",)

    entry: Any

    def __reduce__(self) -> Any:
        """Be pickled and copied as the text alone."""
        return str, (str(self),)

    def claims(self) -> dict[str, Any]:
        """Say what the token says, as far as the entry knows: enough to judge it and to take it back.

        ``exp`` is the last moment at which it, or what a sliding token was exchanged for, can be of use.
        """
        kind = kind_of(str(self))
        said: dict[Any, Any] = {
            api_settings.TOKEN_TYPE_CLAIM: kind.token_type or _REFRESH,
            "exp": max(datetime_to_epoch(self.entry.expires_at), kind.ends or 0),
            api_settings.JTI_CLAIM: self.entry.jti,
            api_settings.USER_ID_CLAIM: _named(self.entry),
        }
        if self.entry.created_at is not None:
            said["iat"] = datetime_to_epoch(self.entry.created_at)
        if kind.ends is not None:
            said[api_settings.SLIDING_TOKEN_REFRESH_EXP_CLAIM] = kind.ends
        return {claim: value for claim, value in said.items() if claim is not None and value is not None}


def digest(token: str) -> str:
    """Return the digest of a token; of a digest, itself."""
    if token.startswith(DIGEST_PREFIX):
        return str(token)
    token_type, ends = kind_of(token)
    plain = token_type in {"", _REFRESH} and ends is None
    kind = "" if plain else f"{token_type}:{'' if ends is None else ends}:"
    return DIGEST_PREFIX + kind + sha256(token.encode(errors="surrogatepass")).hexdigest()


def kind_of(text: str) -> Kind:
    """Tell of what kind a token is by what the books hold of it: its digest, or the token itself."""
    if text.startswith(DIGEST_PREFIX):
        said = _KIND.fullmatch(text)
        return Kind(said[1], int(said[2]) if said[2] else None) if said else Kind("", None)
    try:
        claims = jose.peek_unverified(text).claims
    except jose.JoseError:
        return Kind("", None)
    token_type = claims.get(api_settings.TOKEN_TYPE_CLAIM)
    ends = claims.get(api_settings.SLIDING_TOKEN_REFRESH_EXP_CLAIM)
    return Kind(
        token_type if isinstance(token_type, str) and _TYPE.fullmatch(token_type) else "",
        math.ceil(ends) if isinstance(ends, int | float) and 0 < ends < _LAST_MOMENT else None,
    )


def hint_at_digest(token: object) -> None:
    """Tell the log if what was presented as a token is a digest: code of the project reads the column."""
    if isinstance(token, str) and token.startswith(DIGEST_PREFIX):
        _hint()


@cache
def _hint() -> None:
    # Once: anybody can send such a text.
    logger.error(
        "A digest from the column `token` of the outstanding tokens was presented as a token. It stands for "
        "its token only as the attribute of an OutstandingToken: read `entry.token`, not `values_list()` or "
        "a copy of the text. If a client has sent it, nothing is wrong."
    )


def _named(entry: Any) -> str | None:
    if entry.user_id is None:
        return None
    name = api_settings.USER_ID_FIELD
    if is_primary_key(get_user_model(), name):
        return str(entry.user_id)
    named = getattr(entry.user, name, None)
    return None if named is None else str(named)
