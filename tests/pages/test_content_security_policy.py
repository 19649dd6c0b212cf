"""The decorator that sets our Content-Security-Policy."""

from __future__ import annotations

import asyncio

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from jotpass.pages.content_security_policy import HEADER, STRICT, content_security_policy

STRICT_POLICY = "; ".join(f"{name} {sources}" for name, sources in STRICT.items())


def page(request: HttpRequest) -> HttpResponse:
    """A view."""
    return HttpResponse("page")


async def asynchronous_page(request: HttpRequest) -> HttpResponse:
    """A view that is a coroutine function."""
    return HttpResponse("page")


def guarded_page(request: HttpRequest) -> HttpResponse:
    """A view that sets a policy of its own."""
    return HttpResponse("page", headers={HEADER: "img-src 'none'"})


@pytest.fixture
def request_() -> HttpRequest:
    """Any request."""
    return RequestFactory().get("/")


def test_a_view_is_served_under_the_strict_policy(request_: HttpRequest) -> None:
    """Nothing loads but from the page's own origin, and no string becomes script."""
    policy = content_security_policy()(page)(request_)[HEADER]
    assert policy == STRICT_POLICY
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_an_asynchronous_view_stays_asynchronous(request_: HttpRequest) -> None:
    """A coroutine function is awaited before the header is set."""
    view = content_security_policy()(asynchronous_page)
    assert asyncio.iscoroutinefunction(view)
    assert asyncio.run(view(request_))[HEADER] == STRICT_POLICY


def test_a_policy_that_is_there_is_never_weakened(request_: HttpRequest) -> None:
    """Two policies in one header are both enforced (CSP3 s8.1)."""
    policy = content_security_policy()(guarded_page)(request_)[HEADER]
    assert policy == f"img-src 'none', {STRICT_POLICY}"


def test_directives_can_be_changed_one_by_one(request_: HttpRequest) -> None:
    """A page that connects to nothing says so."""
    view = content_security_policy({**STRICT, "connect-src": "'none'"})(page)
    assert "connect-src 'none'" in view(request_)[HEADER]


@pytest.mark.parametrize(
    "sources", ["'self'; script-src *", "'self', script-src *", "'self'\r\nSet-Cookie: a=b"]
)
def test_a_source_cannot_smuggle_a_directive(sources: str) -> None:
    """A mistake in a directive is seen when the view is defined."""
    with pytest.raises(ValueError, match="no semicolon"):
        content_security_policy({"img-src": sources})
