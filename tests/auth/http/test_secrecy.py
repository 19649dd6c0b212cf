"""Nothing secret in logs, events or the database: neither passwords nor tokens nor what signs them."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from django.apps import apps

from jotpass.auth import signals
from tests.auth.http.contract import PASSWORD, Api
from tests.auth.http.signed_tokens import claims_of

if TYPE_CHECKING:
    import pytest


def _live_through_everything(api: Api, person: Any) -> list[str]:
    """Go through success and failure of every kind; the secrets that came by."""
    pair = api.sign_in(person)
    child = api.refresh(pair)
    api.post("token/", {"username": person.get_username(), "password": "hunter2 hunter2"})
    api.post("token/", b'{"password": "hunter2 hunter2"')
    api.post("session/reauthenticate/", {"password": "hunter2 hunter2"}, bearer=child["access"])
    fresh = api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=child["access"])
    again = json.loads(fresh.content)
    api.post("token/refresh/", {"refresh": pair["refresh"]})
    api.get("session/", bearer=child["access"])
    api.get("session/", bearer=child["refresh"])
    api.post("token/revoke/", {"token": again["refresh"]})
    api.post("logout/", {"scope": "all", "refresh": again["refresh"]})
    tokens = [pair, child, again]
    return [PASSWORD, "hunter2 hunter2", *(token[kind] for token in tokens for kind in ("access", "refresh"))]


def test_no_log_line_holds_a_secret(api: Api, person: Any, caplog: pytest.LogCaptureFixture) -> None:
    """At the finest level of every logger, neither text nor structure of a record holds one."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("django.db.backends").setLevel(logging.WARNING)  # SQL is the project's to log
        secrets = _live_through_everything(api, person)
    written = [repr(record.__dict__) + record.getMessage() for record in caplog.records]
    assert any("reuse_detected" in line for line in written)
    for secret in secrets:
        assert not any(secret in line or secret.rpartition(".")[2] in line for line in written)


def test_no_event_holds_a_secret(api: Api, person: Any) -> None:
    """A receiver that stores every event stores no secret."""
    heard: list[str] = []

    def hear(event: Any, **_: object) -> None:
        heard.append(repr(event))

    for name in ("signed_in", "sign_in_failed", "refreshed", "reuse_detected", "revoked", "reauthenticated"):
        getattr(signals, name).connect(hear)
    secrets = _live_through_everything(api, person)
    assert {line.split("'")[1] for line in heard} >= {"signed_in", "sign_in_failed", "refreshed", "revoked"}
    for secret in secrets:
        assert not any(secret in line for line in heard)


def test_no_row_holds_a_token(api: Api, person: Any) -> None:
    """The tables of sessions hold neither a token nor the signature of one."""
    secrets = _live_through_everything(api, person)
    rows = [repr(list(model._base_manager.values())) for model in apps.get_app_config("jotpass").get_models()]
    for secret in secrets:
        assert not any(secret in row or secret.rpartition(".")[2] in row for row in rows)


def test_a_refresh_token_tells_its_holder_nothing(api: Api, pair: dict[str, Any]) -> None:
    """A refresh token names neither person nor session, only the family it belongs to."""
    assert claims_of(pair["refresh"]).keys() == {"iss", "fid", "gen", "exp", "rnd"}
