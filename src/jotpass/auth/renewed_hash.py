"""A password that is hashed anew: Django renews an old hash when somebody types the right password.

``check_password`` of the user model then saves another hash of the same password, and the sessions of that
password go on. Nothing in what is saved tells this from a new password. So the methods that check a password
are made to say which one they are checking, and a hash is a renewal of another exactly when that password
fits both.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from jotpass.auth.account import auth_hashes_of
from jotpass.auth.models import Session, session_database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_MARK: Final = "_jotpass_tells_what_it_checks"
_ATTEMPTS: Final = 3

_password_in_check: ContextVar[str | None] = ContextVar("jotpass_password_in_check", default=None)


def watch_checks(user_model: Any) -> None:
    """Let the user model's ``check_password`` and ``acheck_password`` tell what they check."""
    for name, telling in (("check_password", _telling), ("acheck_password", _telling_asynchronously)):
        method = getattr(user_model, name, None)
        if method is not None and not hasattr(method, _MARK):
            watched = telling(method)
            setattr(watched, _MARK, True)
            setattr(user_model, name, watched)


@sensitive_variables("raw_password", "due")
def carry_sessions_over(user: Any) -> None:
    """Stamp the sessions of the stored password with the hash about to be saved, if it is a renewal.

    A hash that somebody else has renewed meanwhile is kept: of two who sign in at once, the later must not
    void what the earlier was given.
    """
    raw_password = _password_in_check.get()
    renewed = user.__dict__.get("password")
    if raw_password is None or renewed is None:
        return
    rows = get_user_model()._base_manager.using(session_database()).filter(pk=user.pk)
    for _ in range(_ATTEMPTS):
        stored = rows.values_list("password", flat=True).first()
        if stored in {None, renewed} or not check_password(raw_password, renewed):
            return
        due: list[str] = []
        if not check_password(raw_password, stored, due.append):
            return
        if not due:
            user.password = stored
            return
        if _renew(user, rows, stored, renewed):
            return


def _renew(user: Any, rows: Any, stored: str, renewed: str) -> bool:
    """Write the hash and the stamps at once; False when the stored hash is another one by now."""
    hashes, (stamp, *_) = _auth_hashes_under(user, stored), _auth_hashes_under(user, renewed)
    using = session_database()
    with transaction.atomic(using=using):
        if not rows.filter(password=stored).update(password=renewed):
            return False
        sessions = Session.objects.using(using).filter(user=user.pk, revoked_at=None, auth_hash__in=hashes)
        # In the order in which they are locked everywhere.
        in_order = list(sessions.select_for_update().order_by("sid").values_list("sid", flat=True))
        sessions.filter(sid__in=in_order).update(auth_hash=stamp)
    return True


def _auth_hashes_under(user: Any, password: str) -> list[str]:
    mine, user.password = user.password, password
    try:
        return auth_hashes_of(user)
    finally:
        user.password = mine


@contextmanager
def _checking(raw_password: str | None = None, *_: object) -> Iterator[None]:
    token = _password_in_check.set(raw_password)
    try:
        yield
    finally:
        _password_in_check.reset(token)


def _telling(method: Callable[..., bool]) -> Callable[..., bool]:
    @functools.wraps(method)
    def told(self: Any, *args: Any, **options: Any) -> bool:
        with _checking(*args, *options.values()):
            return method(self, *args, **options)

    return told


def _telling_asynchronously(method: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    @functools.wraps(method)
    async def told(self: Any, *args: Any, **options: Any) -> bool:
        with _checking(*args, *options.values()):
            return await method(self, *args, **options)

    return told
