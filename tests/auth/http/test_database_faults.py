"""A database that fails under a request: 503, nothing written half, and well again after."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import InterfaceError, OperationalError, connection

from jotpass.auth.models import Revocation, Session, TokenFamily
from tests.auth.http.contract import PASSWORD, Api, check_refusal
from tests.auth.http.signed_tokens import claims_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

FAULTS = [OperationalError("database is locked"), InterfaceError("connection already closed")]
CALLS: dict[str, tuple[str, str, dict[str, str]]] = {
    "sign in": ("POST", "token/", {"username": "vitor@example.org", "password": PASSWORD}),
    "refresh": ("POST", "token/refresh/", {"refresh": "REFRESH"}),
    "revoke a refresh token": ("POST", "token/revoke/", {"token": "REFRESH"}),
    "revoke an access token": ("POST", "token/revoke/", {"token": "ACCESS"}),
    "sign out": ("POST", "logout/", {}),
    "sign out by refresh": ("POST", "logout/", {"refresh": "REFRESH"}),
    "sign out everywhere": ("POST", "logout/", {"scope": "all"}),
    "sign out everywhere by refresh": ("POST", "logout/", {"scope": "all", "refresh": "REFRESH"}),
    "session": ("GET", "session/", {}),
    "sessions": ("GET", "sessions/", {}),
    "reauthenticate": ("POST", "session/reauthenticate/", {"password": PASSWORD}),
    "label": ("PATCH", "sessions/SID/", {"label": "x"}),
    "end": ("DELETE", "sessions/SID/", {}),
}


def _call(api: Api, pair: dict[str, Any], name: str) -> HttpResponse:
    method, path, body = CALLS[name]
    words = {"REFRESH": pair["refresh"], "ACCESS": pair["access"]}
    content = {member: words.get(value, value) for member, value in body.items()}
    path = path.replace("SID", claims_of(pair["access"])["sid"])
    return api.call(method, path, content or None, bearer=pair["access"])


def _tables() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values()) for model in (Session, TokenFamily, Revocation)]


@contextmanager
def _failing(at: int, fault: Exception) -> Iterator[list[str]]:
    """Raise `fault` in place of the statement number `at`; yield the statements so far."""
    seen: list[str] = []

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        if len(seen) == at:
            raise fault
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield seen


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("name", CALLS)
def test_any_statement_may_fail(
    api: Api, pair: dict[str, Any], settings: Any, name: str, fault: Exception
) -> None:
    """Whichever statement of a request fails, the answer is 503 and the tables are as they were before.

    Then the same request, on the same connection, succeeds.
    """
    settings.JOTPASS = {"REVOCATION": "none"}  # the feed reads when a second has passed, and not otherwise
    before = _tables()
    failed = 0
    while True:
        with _failing(failed + 1, fault) as seen:
            answer = _call(api, pair, name)
        if len(seen) == failed:
            break
        check_refusal(answer)
        assert answer.status_code == 503, (seen, answer.content)
        assert _tables() == before, seen
        failed += 1
    assert answer.status_code in {200, 204}
    assert failed


def test_the_cause_is_logged(api: Api, caplog: pytest.LogCaptureFixture, person: Any) -> None:
    """Whoever runs the service finds the cause of a 503 in the log, and no password beside it."""
    with _failing(1, OperationalError("no such table: jotpass_session")):
        answer = api.post("token/", {"username": person.get_username(), "password": PASSWORD})
    check_refusal(answer, "service_unavailable")
    assert b"no such table" not in answer.content
    assert "no such table" in caplog.text
    assert PASSWORD not in caplog.text
