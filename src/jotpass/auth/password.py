"""Check a password with the project's authentication backends, as Django's own login form does.

Whoever lets a person try one does it by `try_password`, which counts what fails and tells of it.
"""

from __future__ import annotations

import inspect
import time
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import authenticate, get_backends, get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_login_failed
from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.address import client_address
from jotpass.auth.axes import refuse_locked_out
from jotpass.auth.device import device_of
from jotpass.auth.events import Event, emit_after_commit
from jotpass.auth.failures import Attempt
from jotpass.auth.models import session_database
from jotpass.auth.user_name import NOT_A_VALUE, stored_username

if TYPE_CHECKING:
    from django.http import HttpRequest

_CLEANSED: Final = "********************"
"""What Django tells instead of a password that failed."""


@sensitive_variables()
def try_password(
    request: HttpRequest, username: str, password: str, *, client_id: str = "", person: Any = None
) -> Any:
    """Let somebody try a password: `check_password`, with the failures counted and told as events.

    Args:
        request: The request in which it happens.
        username: As the person typed it.
        password: As the person typed it.
        client_id: The client, for the event.
        person: The user whose password it has to be, where that is known.

    Returns:
        The active user.

    Raises:
        NoActiveAccount: There is none with these credentials.
        Throttled: Too many attempts have failed; whether this one was right is not said.
    """
    counted = stored_username(username) or username
    attempt = Attempt(counted, client_address(request), now=time.time())
    try:
        return _counted(attempt, request, username, password, person)
    except (errors.NoActiveAccount, errors.Throttled) as refusal:
        event = Event(
            "sign_in_failed",
            user_id="" if person is None else str(person.pk),
            client_id=client_id,
            reason=errors.Throttled.code if isinstance(refusal, errors.Throttled) else "",
            device=device_of(request),
        )
        emit_after_commit(event, using=session_database(), request=request)
        raise


@sensitive_variables()
def _counted(attempt: Attempt, request: HttpRequest, username: str, password: str, person: Any) -> Any:
    attempt.check()
    user = check_password(request, username, password)
    refuse_locked_out(request)
    if user is None or (person is not None and user.pk != person.pk):
        attempt.failed()
        raise errors.NoActiveAccount
    attempt.succeeded()
    return user


@sensitive_variables()
def check_password(request: HttpRequest, username: str, password: str) -> Any:
    """Find the active user with this user name and password, None when there is none.

    The user name is handed to the backends as ``username``, whatever the user model calls it. That is what
    Django's form does, what Django's backend understands, and what packages that count failures look for. The
    user model's own name is used where that suits more of the backends.

    A backend may let inactive users in (`AllowAllUsersModelBackend`). Here that is a failure like any other,
    for whoever counts Django's signals too: nothing tells that the password was right.

    Django's backend looks up what was typed, and raises where the field holds a number and that is none: a
    user name that nobody has.
    """
    keyword = _keyword()
    try:
        user = authenticate(request, **{keyword: username, "password": password})
    except NOT_A_VALUE:
        if stored_username(username) is not None:
            # Not the fault of the user name.
            raise
        # It takes as long as any other that nobody has.
        make_password(password)
    else:
        if user is None or user.is_active:
            return user
    told = {keyword: username, "password": _CLEANSED}
    user_login_failed.send(sender=authenticate.__module__, credentials=told, request=request)
    return None


def _keyword() -> str:
    own_name: str = get_user_model().USERNAME_FIELD
    if own_name == "username":
        return own_name
    # Where both suit as many, the first is taken.
    return max(("username", own_name), key=_backends_that_take)


def _backends_that_take(keyword: str) -> int:
    return sum(_takes(backend.authenticate, keyword) for backend in get_backends())


def _takes(method: Any, keyword: str) -> bool:
    try:
        inspect.signature(method).bind(None, **{keyword: "", "password": ""})
    except TypeError:
        return False
    return True
