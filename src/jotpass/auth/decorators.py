"""``@jwt_required``: a Django view for those who send an access token, sync or async."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, overload

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.db import connections

from jotpass.auth import errors
from jotpass.auth.caller import acaller_of, caller_of, tell, vary
from jotpass.auth.refusals import refusal_response
from jotpass.auth.requirements import RecencyRequirement, ScopeRequirement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import timedelta

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from jotpass.auth.caller import Caller
    from jotpass.auth.requirements import Requirement

View = TypeVar("View", bound="Callable[..., Any]")


@overload
def jwt_required(view: View) -> View: ...
@overload
def jwt_required(
    *, scopes: Iterable[str] = ..., max_age: timedelta | float | None = ...
) -> Callable[[View], View]: ...
def jwt_required(
    view: Callable[..., Any] | None = None,
    *,
    scopes: Iterable[str] = (),
    max_age: timedelta | float | None = None,
) -> Any:
    """Answer 401 unless a good access token came; then ``request.user`` and ``request.auth`` are the token's.

    With the middleware or without it. Django's session, its CSRF token and its ``LoginRequiredMiddleware``
    play no part in such a view: only the token counts, and one that came in a cookie has to prove where it
    was sent from. ``cache_page`` belongs above it, to see what the answer varies by.

    Args:
        view: A function; ``method_decorator(jwt_required, name="dispatch")`` takes it to a class.
        scopes: What the token must carry, or the answer is 403 ``insufficient_scope`` (RFC 6750 s3.1).
        max_age: How long ago the person may have authenticated, as a timedelta or in seconds, or the answer
            is 401 ``reauthentication_required`` (RFC 9470 s3).

    Raises:
        ValueError: A name is not that of a scope, or ``max_age`` is less than a second.
    """
    needed = list(scopes) if not isinstance(scopes, str) else scopes.split()
    requirements: list[Requirement] = [ScopeRequirement(*needed)] if needed else []
    if max_age is not None:
        requirements.append(RecencyRequirement(max_age))
    protect = partial(_protected, requirements)
    return protect if view is None else protect(view)


def _protected(requirements: list[Requirement], view: Callable[..., Any]) -> Callable[..., Any]:
    if iscoroutinefunction(view):

        @wraps(view)
        async def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return await _answer_async(partial(view, request, *args, **kwargs), request, requirements)
    else:

        @wraps(view)
        def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            answer = _answer_async if _answers_async(view) else _answer
            return answer(partial(view, request, *args, **kwargs), request, requirements)

    protected.csrf_exempt = True  # type: ignore[attr-defined]
    # Django's LoginRequiredMiddleware knows sessions alone, and would redirect whoever comes with a token.
    return login_not_required(protected)


def _answers_async(view: Any) -> bool:
    """Whether this is the ``dispatch`` of an async class: a function that returns something to await."""
    method = getattr(view, "func", view)
    return getattr(getattr(method, "__self__", None), "view_is_async", False)


def _answer(
    view: Callable[[], HttpResponseBase], request: HttpRequest, requirements: list[Requirement]
) -> HttpResponseBase:
    refusal = _refusal_of(request, caller_of(request), requirements)
    try:
        response = refusal_response(refusal) if refusal else view()
    except errors.AuthError as error:
        _roll_back()
        response = refusal_response(error)
    vary(response)
    return response


async def _answer_async(
    view: Callable[[], Awaitable[HttpResponseBase]], request: HttpRequest, requirements: list[Requirement]
) -> HttpResponseBase:
    refusal = _refusal_of(request, await acaller_of(request), requirements)
    try:
        response = refusal_response(refusal) if refusal else await view()
    except errors.AuthError as error:
        response = refusal_response(error)
    vary(response)
    return response


def _refusal_of(
    request: HttpRequest, caller: Caller, requirements: list[Requirement]
) -> errors.AuthError | None:
    tell(request, caller)
    token = caller.access_token
    if token is None:
        return caller.refusal
    return next((each.refusal for each in requirements if not each.suffices(token)), None)


def _roll_back() -> None:
    """Undo what a failed view has written, under ATOMIC_REQUESTS: Django does not see it fail."""
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)
