"""The Content-Security-Policy of our pages (W3C CSP Level 3), set by a decorator on every Django.

Nothing is allowed but what the page's own origin serves: no inline script or style, no frame, no foreign
address, and no string becomes script (Trusted Types). Django 6 has a middleware of its own; a policy that is
already on the response stays, and the browser then enforces both.
"""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HEADER = "Content-Security-Policy"
STRICT: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


def content_security_policy(
    directives: Mapping[str, str] = STRICT,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Serve a view, synchronous or asynchronous, under a policy.

    Args:
        directives: Sources by directive, such as `STRICT | {"connect-src": "'none'"}`.

    Returns:
        A decorator for views.

    Raises:
        ValueError: A directive or its sources hold a character that would begin another directive, policy or
            header.
    """
    policy = "; ".join(f"{name} {sources}" for name, sources in directives.items())
    if any(set(text) & set(";,\r\n") for item in directives.items() for text in item):
        raise ValueError("a directive and its sources hold no semicolon, comma or line break")

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def serve(*args: Any, **kwargs: Any) -> Any:
            return _with_policy(view(*args, **kwargs), policy)

        @wraps(view)
        async def serve_async(*args: Any, **kwargs: Any) -> Any:
            return _with_policy(await view(*args, **kwargs), policy)

        return serve_async if iscoroutinefunction(view) else serve

    return decorate


def _with_policy(response: Any, policy: str) -> Any:
    response[HEADER] = f"{response[HEADER]}, {policy}" if HEADER in response else policy
    return response
