"""Which methods each endpoint has, and what the others are told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.http.contract import SIGNED_IN, Api, check_refusal, read

ENDPOINTS = {
    "token/": {"POST"},
    "token/refresh/": {"POST"},
    "token/verify/": {"POST"},
    "token/revoke/": {"POST"},
    "logout/": {"POST"},
    "session/": {"GET", "HEAD"},
    "session/reauthenticate/": {"POST"},
    "sessions/": {"GET", "HEAD"},
    "sessions/00000000-0000-7000-8000-000000000000/": {"PATCH", "DELETE"},
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "x-own")
REFUSED = [(method, path) for path, served in ENDPOINTS.items() for method in METHODS if method not in served]


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_other_methods_are_405(api: Api, method: str, path: str) -> None:
    """A method that is not served is 405 before anything else is looked at; `Allow` names those that are."""
    answer = api.call(method, path, b"not JSON" if method != "GET" else None)
    assert answer.status_code == 405
    assert answer["Cache-Control"] == "no-store"
    assert set(answer["Allow"].split(", ")) == ENDPOINTS[path]
    if method != "HEAD":
        check_refusal(answer, "method_not_allowed")


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_live_token_changes_nothing(api: Api, pair: dict[str, Any], method: str) -> None:
    """The same holds for who is signed in."""
    answer = api.call(method, "session/reauthenticate/", bearer=pair["access"])
    check_refusal(answer, "method_not_allowed")


@pytest.mark.parametrize("path", ["session/", "sessions/"])
def test_head_is_get_without_the_body(api: Api, pair: dict[str, Any], path: str) -> None:
    """HEAD answers the headers of GET."""
    head = api.call("HEAD", path, bearer=pair["access"])
    assert head.status_code == 200
    assert head.content == b""
    assert head["Content-Type"] == "application/json"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "nonsense", "", "*/*;q=0"])
def test_the_answer_is_json_whatever_is_accepted(api: Api, accept: str) -> None:
    """A browser that asks for HTML gets the same JSON: there is one form of every answer."""
    for method, path in (("POST", "token/"), ("GET", "token/"), *SIGNED_IN):
        check_refusal(api.call(method, path, headers={"Accept": accept}))


@pytest.mark.parametrize(
    "query", ["?format=api", "?format=xml", "?format=", "?_method=GET", "?access_token=x"]
)
def test_the_query_changes_nothing(api: Api, pair: dict[str, Any], query: str) -> None:
    """Neither format nor credentials are taken from the query (RFC 9700 s4.3.2)."""
    assert read(api.get(f"session/{query}", bearer=pair["access"]))["client_id"] == "first-party"
    check_refusal(api.get(f"session/{query}"), "token_missing")


def test_a_method_cannot_be_overridden(api: Api, pair: dict[str, Any]) -> None:
    """X-HTTP-Method-Override is not listened to."""
    answer = api.get("session/", bearer=pair["access"], headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 200
