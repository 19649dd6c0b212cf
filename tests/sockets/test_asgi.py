"""The HTTP contract over ASGI: the main calls, as they are over WSGI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sockets.server import Server


@pytest.mark.parametrize("chunked", [False, True], ids=["in-one-piece", "in-chunks"])
def test_a_session_lives_its_life(server: Server, chunked: bool) -> None:
    """Sign in, call, refresh, list, sign out; and then nothing works any more."""
    credentials = {"username": "vitor", "password": "correct horse battery staple"}
    answer = server.call("POST", "/api/token/", credentials, chunked=chunked)
    assert answer.status == 200, answer
    assert answer.headers["Cache-Control"] == "no-store"
    pair = answer.json
    assert server.call("GET", "/whoami/", bearer=pair["access"]).status == 200
    answer = server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}, chunked=chunked)
    assert answer.status == 200, answer
    bearer = answer.json["access"]
    assert server.call("GET", "/api/session/", bearer=bearer).json["user"]["username"] == "vitor"
    assert any(each["current"] for each in server.call("GET", "/api/sessions/", bearer=bearer).json)
    assert server.call("POST", "/api/logout/", {}, chunked=chunked, bearer=bearer).status == 204
    refused = server.call("GET", "/whoami/", bearer=bearer)
    assert refused.status == 401
    assert 'code="token_revoked"' in refused.headers["WWW-Authenticate"]
    again = server.call("POST", "/api/token/refresh/", {"refresh": answer.json["refresh"]})
    assert (again.status, again.json["code"]) == (401, "refresh_invalid")


def test_refusals_are_those_of_the_contract(server: Server) -> None:
    """A wrong password, a bad body, a wrong method, and no token."""
    wrong = server.call("POST", "/api/token/", {"username": "vitor", "password": "wrong"})
    assert (wrong.status, wrong.json["code"]) == (401, "no_active_account")
    assert server.call("POST", "/api/token/", ["no", "object"]).json["code"] == "malformed_request"
    assert server.call("GET", "/api/token/").json["code"] == "method_not_allowed"
    assert server.call("GET", "/api/session/").json["code"] == "token_missing"


def test_a_body_that_is_too_large_is_413(server: Server) -> None:
    """In one piece or in chunks."""
    large = {"username": "x" * 70_000, "password": "x"}
    for chunked in (False, True):
        answer = server.call("POST", "/api/token/", large, chunked=chunked)
        assert (answer.status, answer.json["code"]) == (413, "request_too_large")
