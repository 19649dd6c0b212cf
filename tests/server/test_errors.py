"""Answers at the edge: one shape under the API, one line of text beside it, no word of the exception."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory, override_settings
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from jotpass.server import errors

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.test import Client

RAISED: dict[str, type[Exception]] = {
    "operational": OperationalError,
    "interface": InterfaceError,
    "redis": RedisConnectionError,
    "redis-timeout": RedisTimeoutError,
    "mistake": ZeroDivisionError,
    "suspicious": SuspiciousOperation,
    "large": RequestDataTooBig,
}


def failing(request: HttpRequest, name: str) -> HttpResponse:
    """A view that raises."""
    raise RAISED[name]("hidden-word")


urlpatterns = [path("api/<str:name>/", failing), path("page/<str:name>/", failing)]
handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error


@pytest.fixture
def edge(client: Client) -> Client:
    """A client that sees what the network sees."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("operational", 503, "service_unavailable"),
        ("interface", 503, "service_unavailable"),
        ("redis", 503, "service_unavailable"),
        ("redis-timeout", 503, "service_unavailable"),
        ("mistake", 500, "server_error"),
        ("suspicious", 400, "malformed_request"),
        ("large", 413, "request_too_large"),
    ],
)
@override_settings(ROOT_URLCONF=__name__)
def test_whatever_escapes_a_view_is_answered_in_one_shape(
    edge: Client, name: str, status: int, code: str
) -> None:
    """JSON with a code under the API, a line of text elsewhere; the exception's own words in neither."""
    answer = edge.get(f"/api/{name}/")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"detail", "code"}
    page = edge.get(f"/page/{name}/")
    assert (page.status_code, page["Content-Type"]) == (status, "text/plain; charset=utf-8")
    for response in (answer, page):
        assert b"hidden-word" not in response.content
        assert response["Cache-Control"] == "no-store"
        assert ("Retry-After" in response) is (status == 503)


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("where", ["/api/", "/api/no/such/path", "/.well-known/other"])
def test_an_unknown_path_of_the_api_is_json(edge: Client, where: str) -> None:
    """404 has the shape, too."""
    assert edge.get(where).json()["code"] == "not_found"


def test_a_form_without_its_token_is_refused_in_the_shape() -> None:
    """The view that Django calls on a CSRF failure."""
    response = errors.csrf_failure(RequestFactory().post("/api/x/"), reason="no cookie")
    assert response.status_code == 403
    assert json.loads(getattr(response, "content", b""))["code"] == "csrf_failed"
