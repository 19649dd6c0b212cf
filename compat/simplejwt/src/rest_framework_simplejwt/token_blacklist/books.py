"""The books: which tokens are out, and which were taken back.

A token's own text is not kept, only its digest: whoever reads the table signs in as nobody.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connections, router, transaction
from django.utils.translation import gettext_lazy as _

from jotpass.auth.prepared_sql import PreparedSelect
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.holders import holder_of, is_primary_key
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.utils import datetime_from_epoch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from django.db.models import Model

_ENTRY: Final = "_outstanding_entry"
"""Where a token that was judged has its id and its entry's key: whoever sets another id has another entry."""
_LONGEST_JTI: Final = 255

_BY_JTI: Final = PreparedSelect(
    lambda using, jti: (
        OutstandingToken.objects.using(using)
        .filter(jti=jti)
        .order_by()
        .values_list("pk", "blacklistedtoken__pk")
    ),
    example="jti",
)


def is_blacklisted(token: Any) -> bool:
    """Tell whether a token was taken back, and note its entry for what is done with it next."""
    if api_settings.JTI_CLAIM is None:
        # Tokens need no id here, and one that has none is in no books.
        return False
    jti = _jti(token)
    entry = _BY_JTI.fetch(router.db_for_read(OutstandingToken), jti)
    if entry is None:
        return False
    setattr(token, _ENTRY, (jti, entry[0]))
    return entry[1] is not None


def issue(token: Any, user: Any) -> OutstandingToken:
    """Enter a new token of a user."""
    return _enter(token, str(token), user=user if isinstance(user, get_user_model()) else None)


def outstand(token: Any) -> tuple[OutstandingToken, bool]:
    """Enter a token, unless it is there.

    Returns:
        The entry, and whether this call made it.
    """
    found = OutstandingToken.objects.filter(jti=_jti(token)).first()
    if found is not None:
        return found, False
    try:
        return _enter(token, str(token), user=holder_of(token, get_user_model())), True
    except IntegrityError:
        return OutstandingToken.objects.get(jti=_jti(token)), False


def blacklist(token: Any) -> tuple[BlacklistedToken, bool]:
    """Take a token back: of those who do so at once, one makes the entry.

    Returns:
        The entry, and whether this call made it.
    """
    of, key = getattr(token, _ENTRY, (None, None))
    if of != _jti(token):
        key = outstand(token)[0].pk
        found = BlacklistedToken.objects.filter(token_id=key).first()
        if found is not None:
            return found, False
    try:
        with _apart(BlacklistedToken):
            entry = BlacklistedToken.objects.create(token_id=key)
    except IntegrityError:
        return BlacklistedToken.objects.get(token_id=key), False
    if ends := _sliding_end(token):
        # The same id lives on in every exchange: the entry must outlive the last of them.
        OutstandingToken.objects.filter(pk=key, expires_at__lt=ends).update(expires_at=ends)
    return entry, True


def follow(token: Any) -> tuple[OutstandingToken, str]:
    """Enter a token's successor: the same claims, but for its id and its times.

    Returns:
        The entry, and the successor's text. It is signed once: another signature may be another text.

    Raises:
        TokenError: Its user is gone since the token was judged.
    """
    successor = token.successor()
    text = str(successor)
    try:
        return _enter(successor, text, user_id=_user_key(token)), text
    except IntegrityError:
        raise TokenError(_("Token is invalid")) from None


def rotate(token: Any) -> str:
    """Put a successor in a token's place; of those who do so at once, one succeeds.

    The successor is entered first: whatever fails in between, the holder still has a token that works.

    Returns:
        The successor's text.

    Raises:
        TokenError: Somebody else has taken the token back meanwhile, or its user is gone.
    """
    _moment(token["exp"])  # What could not be entered is refused before anything is written.
    entry, text = follow(token)
    if not token.blacklist()[1]:
        entry.delete()
        raise TokenError(_("Token is blacklisted"))
    return text


def _enter(token: Any, text: str, **of_whom: Any) -> OutstandingToken:
    with _apart(OutstandingToken):
        return OutstandingToken.objects.create(
            jti=_jti(token),
            token=text,
            created_at=token.current_time,
            expires_at=_moment(token["exp"]),
            **of_whom,
        )


def _apart(model: type[Model]) -> AbstractContextManager[object]:
    """Keep a refusal of the database from spoiling the caller's transaction, where there is one."""
    using = router.db_for_write(model)
    return transaction.atomic(using=using) if connections[using].in_atomic_block else nullcontext()


def _jti(token: Any) -> str:
    try:
        jti = str(token[api_settings.JTI_CLAIM])
    except KeyError:
        raise TokenError(_("Token has no id")) from None
    if "\0" in jti or len(jti) > _LONGEST_JTI:
        # No token of ours: none like it can be in the books, or come into them.
        raise TokenError(_("Token is invalid"))
    return jti


def _moment(seconds: float) -> datetime:
    try:
        return datetime_from_epoch(seconds)
    except (OverflowError, ValueError, OSError):
        raise TokenError(_("Token is invalid")) from None


def _sliding_end(token: Any) -> datetime | None:
    ends = token.get(api_settings.SLIDING_TOKEN_REFRESH_EXP_CLAIM)
    return _moment(ends) if isinstance(ends, int | float) else None


def _user_key(token: Any) -> Any:
    """Return the key of a token's user without asking for the user, where the token names the key itself."""
    model = get_user_model()
    if not is_primary_key(model, api_settings.USER_ID_FIELD):
        user = holder_of(token, model)
        return user and user.pk
    return token.get(api_settings.USER_ID_CLAIM) or None
