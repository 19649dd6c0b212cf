"""What one process revokes, every other refuses once it has had 1.2 seconds to notice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.races.fleet import PROCESSES, Call, Fleet

if TYPE_CHECKING:
    from collections.abc import Callable

BOUND = 1.2
Pair = dict[str, Any]


def _refresh(token: str) -> Call:
    return Call("POST", "/api/token/refresh/", {"refresh": token})


def _sign_out(servers: Fleet, pair: Pair, process: int) -> None:
    assert servers.call(Call("POST", "/api/logout/", token=pair["access"]), process).status == 204


def _sign_out_everywhere(servers: Fleet, pair: Pair, process: int) -> None:
    body = {"scope": "all", "refresh": pair["refresh"]}
    assert servers.call(Call("POST", "/api/logout/", body), process).status == 204


def _revoke_access(servers: Fleet, pair: Pair, process: int) -> None:
    answer = servers.call(Call("POST", "/api/token/revoke/", {"token": pair["access"]}), process)
    assert answer.status == 200


def _revoke_refresh(servers: Fleet, pair: Pair, process: int) -> None:
    answer = servers.call(Call("POST", "/api/token/revoke/", {"token": pair["refresh"]}), process)
    assert answer.status == 200


def _reuse(servers: Fleet, pair: Pair, process: int) -> None:
    child = servers.call(_refresh(pair["refresh"]), process + 1).body
    servers.call(_refresh(child["refresh"]), process + 2)
    assert servers.call(_refresh(pair["refresh"]), process).status == 401


def _end_session(servers: Fleet, pair: Pair, process: int) -> None:
    sid = servers.call(Call("GET", "/api/session/", token=pair["access"])).body["sid"]
    call = Call("DELETE", f"/api/sessions/{sid}/", token=pair["access"])
    assert servers.call(call, process).status == 204


REVOKING: list[Callable[[Fleet, Pair, int], None]] = [
    _sign_out,
    _revoke_access,
    _revoke_refresh,
    _reuse,
    _end_session,
    _sign_out_everywhere,  # last: it takes every other session of the person along
]


def test_every_process_refuses_it(servers: Fleet) -> None:
    """Processes that were asked all the time, at any moment of their second, refuse it after the bound."""
    for first in range(PROCESSES):
        _revoke_at(servers, first)


def _revoke_at(servers: Fleet, first: int) -> None:
    pairs = [servers.sign_in(first) for _ in REVOKING]
    whoami = [Call("GET", "/whoami/", token=pair["access"]) for pair in pairs]
    assert {answer.status for call in whoami for answer in servers.everywhere(call)} == {200}
    for revoke, pair in zip(REVOKING, pairs, strict=True):
        revoke(servers, pair, first)
    revoked_by = time.monotonic()
    # The process that revoked refuses at once.
    assert {servers.call(call, first).status for call in whoami} == {401}
    while time.monotonic() < revoked_by + BOUND:
        for call in whoami:
            servers.everywhere(call)
    answers = [answer for call in whoami for answer in servers.everywhere(call)]
    assert {answer.status for answer in answers} == {401}
    assert {answer.body["code"] for answer in answers} == {"token_revoked"}
