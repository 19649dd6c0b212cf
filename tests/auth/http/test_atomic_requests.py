"""Under ATOMIC_REQUESTS a refusal undoes nothing: what it revoked is committed before the answer is sent."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections

from jotpass.auth.models import Revocation, TokenFamily
from tests.auth.http.contract import Api, check_refusal


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def atomic_requests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to run a request, whatever the host project has."""
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", request.param)
    atomic: bool = request.param
    return atomic


def _on_another_connection(ask: Any) -> Any:
    """What another connection sees: only what is committed."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(ask())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    (answer,) = answers
    return answer


def test_reuse_is_committed(api: Api, pair: dict[str, Any], atomic_requests: bool) -> None:
    """After a reuse was answered 401, every other connection sees the family revoked, and so it stays."""
    current = api.refresh(api.refresh(pair))
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")
    seen = _on_another_connection(lambda: TokenFamily.objects.values_list("revoked_reason", flat=True).get())
    assert seen == "reuse_detected"
    assert _on_another_connection(Revocation.objects.count) == 1
    check_refusal(api.post("token/refresh/", {"refresh": current["refresh"]}), "refresh_invalid")
    assert not api.is_live(current)


def test_a_noticed_deactivation_is_committed(
    api: Api, person: Any, pair: dict[str, Any], atomic_requests: bool
) -> None:
    """A refresh that finds the account inactive answers 401, and the session has ended for good."""
    type(person).objects.update(is_active=False)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")
    type(person).objects.update(is_active=True)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")


@pytest.mark.parametrize("path", ["token/refresh/", "logout/"])
def test_no_view_of_ours_runs_in_a_transaction(
    api: Api, pair: dict[str, Any], atomic_requests: bool, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The request's transaction is not opened around our views."""
    seen: list[bool] = []

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        api.post(path, {"refresh": pair["refresh"]})
    assert seen[0] is False
