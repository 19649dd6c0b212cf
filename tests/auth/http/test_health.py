"""The probes of who runs processes: alive without asking anybody, ready by the truth about each part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from jotpass import jose
from jotpass.auth import readiness as room
from jotpass.auth.key_ring import access_key_ring
from jotpass.auth.live_key_ring import hurry_all
from jotpass.auth.models import SigningKey
from jotpass.auth.readiness import PARTS, readiness
from jotpass.auth.revocation import feed
from jotpass.keys.key_ring import KeyRing
from tests.auth.http.contract import Api, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL_WELL = dict.fromkeys(PARTS, "ok")


@pytest.fixture(autouse=True)
def _unexamined() -> Iterator[None]:
    """Each test begins with nothing examined, and leaves no examination behind."""
    readiness._forget()
    yield
    latest = readiness._latest
    assert latest is None or latest.done.wait(30)


def test_a_process_that_is_well_is_ready(api: Api, transactional_db: None) -> None:
    """200, each part named, and how old the revocations are: they have been read by then."""
    answer = api.get("/readyz")
    body = read(answer)
    assert answer.status_code == 200
    assert body.keys() == {"ready", "parts", "feed_age", "redis_connected"}
    assert body["ready"] is True
    assert body["parts"] == ALL_WELL
    assert 0 <= body["feed_age"] < 60
    assert answer["Cache-Control"] == "no-store"


def test_a_database_that_is_away_is_said(
    api: Api, transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """503, what comes behind it is unknown; why is in the log and not in the answer."""

    def refuse(*_: object) -> None:
        raise ConnectionError("host=db.example password=secret")

    with monkeypatch.context() as patch:
        patch.setattr(type(connections["default"]), "cursor", refuse)
        answer = api.get("/readyz")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
    assert read(answer) == {
        "ready": False,
        "parts": {
            "signing_key": "ok",
            "database": "failed",
            "migrations": "unknown",
            "revocation_feed": "unknown",
        },
        "feed_age": None,
        "redis_connected": None,
    }
    assert "secret" not in answer.content.decode()
    assert any(record.name == "jotpass.readiness" and record.exc_info for record in caplog.records)


def test_a_migration_that_is_missing_is_said(api: Api, transactional_db: None) -> None:
    """A new version runs before its tables are there."""
    recorder = MigrationRecorder(connection)
    (latest,) = room._latest_migrations()
    recorder.record_unapplied(*latest)
    try:
        answer = api.get("/readyz")
    finally:
        recorder.record_applied(*latest)
    assert answer.status_code == 503
    assert read(answer)["parts"] == ALL_WELL | {"migrations": "pending"}


def test_a_key_that_cannot_sign_is_said(
    api: Api, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that verifies alone."""
    key = jose.Key.generate("ES256")
    unusable = KeyRing(key.public_key(), jose.KeySet([key.public_key()]))
    monkeypatch.setattr(room, "access_key_ring", lambda _: unusable)
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert read(answer)["parts"] == ALL_WELL | {"signing_key": "failed"}


def test_a_file_of_keys_that_cannot_be_read_is_said(
    api: Api, transactional_db: None, settings: Any, tmp_path: Path
) -> None:
    """Requests are answered by the keys of before, but a key that was taken out of it still counts there."""
    file = tmp_path / "key.pem"
    pem = jose.Key.generate("ES256").to_pem(private=True)
    file.write_bytes(pem)
    settings.JOTPASS = {"SIGNING_ALGORITHM": "ES256", "SIGNING_KEYS": [f"file:{file}"]}
    for content, found in ((pem, "ok"), (b"half of a fi", "failed"), (pem, "ok")):
        file.write_bytes(content)
        hurry_all()
        readiness._forget()
        assert read(api.get("/readyz"))["parts"] == ALL_WELL | {"signing_key": found}


def test_a_probe_makes_no_keys(api: Api, transactional_db: None, settings: Any) -> None:
    """Of several sites, those that have keys are examined; the one of ISSUER may be nobody's."""
    settings.JOTPASS = {
        "ISSUER": "https://nobody.example",
        "AUDIENCE": "https://nobody.example",
        "SIGNING_ALGORITHM": "ES256",
        "SITE_RESOLVER": lambda _: None,
    }
    assert read(api.get("/readyz"))["parts"] == ALL_WELL
    assert not SigningKey.objects.exists()
    assert access_key_ring("https://site.example").signing.is_private
    readiness._forget()
    assert read(api.get("/readyz"))["parts"] == ALL_WELL
    assert set(SigningKey.objects.values_list("issuer", flat=True)) == {"https://site.example"}
    SigningKey.objects.update(sealed="")
    hurry_all()
    readiness._forget()
    assert read(api.get("/readyz"))["parts"] == ALL_WELL | {"signing_key": "failed"}


def test_revocations_that_cannot_be_read_are_said(
    api: Api, transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """As requests would be answered 503; a project that fails open, or needs none, is ready."""
    with monkeypatch.context() as patch:
        patch.setattr(feed, "_poll", lambda *_: None)
        answer = api.get("/readyz")
        assert answer.status_code == 503
        assert read(answer)["parts"] == ALL_WELL | {"revocation_feed": "stale"}
        assert read(answer)["feed_age"] is None
        settings.JOTPASS = {"REVOCATION": "none"}
        readiness._forget()
        answer = api.get("/readyz")
    assert answer.status_code == 200
    assert read(answer)["parts"] == ALL_WELL | {"revocation_feed": "off"}


@pytest.mark.parametrize("connected", [True, False, None])
def test_redis_is_told_of_and_does_not_decide(
    api: Api, transactional_db: None, monkeypatch: pytest.MonkeyPatch, connected: bool | None
) -> None:
    """Without it, revocations take a second longer; that is no reason to serve nobody."""
    monkeypatch.setattr(feed, "redis_connected", connected)
    answer = api.get("/readyz")
    assert answer.status_code == 200
    assert read(answer)["redis_connected"] is connected


def test_life_asks_for_nothing(api: Api) -> None:
    """No database, no key: a process that answers lives. There is no fixture for a database here."""
    answer = api.get("/livez")
    assert answer.status_code == 200
    assert read(answer) == {"live": True}
    assert answer["Cache-Control"] == "no-store"
    assert readiness._latest is None


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_probes_are_read_alone(api: Api, path: str, method: str) -> None:
    """405 with what is allowed, and nothing is examined."""
    answer = api.call(method, path)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert read(answer)["code"] == "method_not_allowed"
    assert readiness._latest is None


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_head_has_no_body(api: Api, transactional_db: None, path: str) -> None:
    """The status is the answer."""
    answer = api.call("HEAD", path)
    assert answer.status_code == 200
    assert answer.content == b""


def test_credentials_do_not_matter(api: Api, transactional_db: None) -> None:
    """A probe that sends a token of former days is answered like any other."""
    assert api.get("/readyz", bearer="of.former.days").status_code == 200
