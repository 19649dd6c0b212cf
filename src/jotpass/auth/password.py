"""Check a password with the project's authentication backends, as Django's own login form does."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from django.contrib.auth import authenticate, get_backends, get_user_model
from django.views.decorators.debug import sensitive_variables

if TYPE_CHECKING:
    from django.http import HttpRequest


@sensitive_variables()
def check_password(request: HttpRequest, username: object, password: str) -> Any:
    """Find the active user with this user name and password, None when there is none.

    The user name is handed to the backends as ``username``, whatever the user model calls it. That is what
    Django's form does, what Django's backend understands, and what packages that count failures look for. The
    user model's own name is used where that suits more of the backends.
    """
    return authenticate(request, **{_keyword(): username, "password": password})


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
