"""``@jwt_required``: a Django view for those who send an access token, sync or async."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import iscoroutinefunction
from django.db import connections

from jotpass.auth import errors
from jotpass.auth.caller import acaller_of, caller_of, tell, vary
from jotpass.auth.refusals import refusal_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from jotpass.auth.caller import Caller

View = TypeVar("View", bound="Callable[..., Any]")


def jwt_required(view: View) -> View:
    """Answer 401 unless a good access token came; then ``request.user`` and ``request.auth`` are the token's.

    With the middleware or without it. Django's session and its CSRF token play no part in such a view: only
    the token counts, and one that came in a cookie has to prove where it was sent from.

    Args:
        view: A function; ``method_decorator(jwt_required, name="dispatch")`` takes it to a class.
    """
    if iscoroutinefunction(view):

        @wraps(view)
        async def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return await _answer_async(view, request, args, kwargs)
    else:

        @wraps(view)
        def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if _answers_async(view):
                return _answer_async(view, request, args, kwargs)
            return _answer(view, request, args, kwargs)

    protected.csrf_exempt = True  # type: ignore[attr-defined]
    return protected  # type: ignore[return-value]


def _answers_async(view: Any) -> bool:
    """Whether this is the ``dispatch`` of an async class: a function that returns something to await."""
    method = getattr(view, "func", view)
    return getattr(getattr(method, "__self__", None), "view_is_async", False)


def _answer(view: Callable[..., Any], request: HttpRequest, args: Any, kwargs: Any) -> HttpResponseBase:
    try:
        _admit(request, caller_of(request))
        response: HttpResponseBase = view(request, *args, **kwargs)
    except errors.AuthError as error:
        _roll_back()
        response = refusal_response(error)
    vary(response)
    return response


async def _answer_async(
    view: Callable[..., Any], request: HttpRequest, args: Any, kwargs: Any
) -> HttpResponseBase:
    try:
        _admit(request, await acaller_of(request))
        response: HttpResponseBase = await view(request, *args, **kwargs)
    except errors.AuthError as error:
        response = refusal_response(error)
    vary(response)
    return response


def _admit(request: HttpRequest, caller: Caller) -> None:
    tell(request, caller)
    if caller.refusal is not None:
        raise caller.refusal


def _roll_back() -> None:
    """Undo what a failed view has written, under ATOMIC_REQUESTS: Django does not see it fail."""
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)
