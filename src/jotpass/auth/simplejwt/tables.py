"""The tables of djangorestframework-simplejwt: which tokens are out, whose they are, which are spent.

They are found in the app registry as ``token_blacklist``, by whichever package it is installed. Without it
nothing is known of any token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import router
from django.db.models.functions import Now

from jotpass import jose

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

_LABEL: Final = "token_blacklist"
_COLUMNS: Final = ("pk", "jti", "user_id", "created_at", "expires_at", "token", "blacklistedtoken__pk")
_TYPED_DIGEST: Final = re.compile(r"sha256:([\w.-]*):[0-9]*:[0-9a-f]{64}", re.ASCII)
"""As the drop-in writes one of a token that is no refresh token."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """One row: a token that has not expired.

    Attributes:
        key: The primary key of the row.
        jti: Its id.
        user_id: The primary key of its user; None when there is none any more.
        created_at: When it was issued, where that is known.
        expires_at: When it expires.
        token_type: What it is for, as the token itself or its digest says; empty where neither does.
        spent: It was taken back.
    """

    key: Any
    jti: str
    user_id: Any
    created_at: datetime | None
    expires_at: datetime
    token_type: str
    spent: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """The row of one token."""

    key: Any
    spent: bool


def are_installed() -> bool:
    """Whether there are tables."""
    return _model("OutstandingToken") is not None


def count_issued() -> int:
    """Count the tokens that have not expired, spent ones too."""
    issued = _issued()
    return 0 if issued is None else issued.count()


def issued_tokens(batch: int, *, type_claim: str | None) -> Iterator[list[IssuedToken]]:
    """Read the tokens that have not expired, in batches.

    Args:
        batch: Rows at a time.
        type_claim: The claim that says what a token is for.
    """
    issued = _issued()
    last: Any = None
    while issued is not None:
        rows = issued if last is None else issued.filter(pk__gt=last)
        found = [
            IssuedToken(
                key, jti, user_id, created_at, expires_at, _type_of(stored, type_claim), spent is not None
            )
            for key, jti, user_id, created_at, expires_at, stored, spent in rows.order_by("pk").values_list(
                *_COLUMNS
            )[:batch]
        ]
        if not found:
            return
        yield found
        last = found[-1].key


def find_entry(jti: str) -> Entry | None:
    """Find the row of a token; None when there is none."""
    issued = _model("OutstandingToken")
    if issued is None:
        return None
    rows = issued._base_manager.using(_database(issued)).filter(jti=jti).order_by()
    found = rows.values_list("pk", "blacklistedtoken__pk").first()
    return None if found is None else Entry(found[0], spent=found[1] is not None)


def spend(entry: Entry) -> None:
    """Take a token back, so that the views of djangorestframework-simplejwt refuse it as well.

    Raises:
        IntegrityError: Somebody else was faster.
    """
    spent = _model("BlacklistedToken")
    spent._base_manager.using(_database(spent)).create(token_id=entry.key)


def spend_chosen(user_ids: Collection[Any], chosen: Callable[[str], bool]) -> None:
    """Take back tokens of some users, unless somebody else was faster.

    Args:
        user_ids: Whose tokens are looked at.
        chosen: Whether a token is meant, by its id.
    """
    issued, spent = _issued(), _model("BlacklistedToken")
    if issued is None:
        return
    rows = issued.filter(user_id__in=user_ids, blacklistedtoken=None).order_by("pk")
    entries = [spent(token_id=key) for key, jti in rows.values_list("pk", "jti") if chosen(jti)]
    spent._base_manager.using(_database(spent)).bulk_create(entries, ignore_conflicts=True)


def _issued() -> QuerySet[Any] | None:
    model = _model("OutstandingToken")
    if model is None:
        return None
    rows: QuerySet[Any] = model._base_manager.using(_database(model)).filter(expires_at__gt=Now())
    return rows


def _model(name: str) -> Any:
    try:
        return apps.get_model(_LABEL, name)
    except LookupError:
        return None


def _database(model: Any) -> str:
    return router.db_for_write(model)


def _type_of(stored: str | None, type_claim: str | None) -> str:
    """Say what a stored token is for; the row is ours, so nothing is verified."""
    if stored and type_claim is not None and (said := _TYPED_DIGEST.fullmatch(stored)):
        return said[1]
    if type_claim is None or not stored or stored.count(".") != 2:  # noqa: PLR2004 (the parts of a JWS)
        return ""
    try:
        return str(jose.peek_unverified(stored).claims.get(type_claim, ""))
    except jose.JoseError:
        return ""
