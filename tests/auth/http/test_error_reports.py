"""Reports of a 500 hold the values of local variables: neither a password nor a token is among them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.views.debug import ExceptionReporter

from jotpass import jose
from jotpass.auth import policy, signing_keys
from jotpass.auth.drf import cookie_families, views
from jotpass.keys import derived, given, sealing
from tests.auth.http.contract import FORM, PASSWORD, Api
from tests.projects.regular.views import WhoAmI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rest_framework.request import Request

    from tests.auth.http.browser import Browser

REASON = "a mistake of the project"


class Reports(logging.Handler):
    """What `AdminEmailHandler` would send, with HTML and without."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write both reports while the frames are alive, as a handler does."""
        assert record.exc_info is not None
        kind, error, traceback = record.exc_info
        reporter = ExceptionReporter(record.__dict__["request"], kind, error, traceback, is_email=True)
        self.texts += [reporter.get_traceback_html(), reporter.get_traceback_text()]


@pytest.fixture
def reports(api: Api) -> Iterator[list[str]]:
    """The reports of every failure; the client answers 500 instead of raising."""
    api._client = Client(raise_request_exception=False)
    handler = Reports()
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield handler.texts
    logger.removeHandler(handler)


def fail(*args: object, **kwargs: object) -> NoReturn:
    """Fail, with everything that was handed in among the local variables."""
    raise LookupError(REASON)


def check_reports(reports: list[str], secrets: list[str]) -> None:
    """Check that a failure was reported, with its frames, and that no report holds a secret."""
    assert len(reports) == 2
    assert all(REASON in report for report in reports)
    assert "REQUEST_METHOD" in reports[0]
    for secret in secrets:
        for part in (secret, secret.rpartition(".")[2]):
            assert not any(part in report for report in reports)


def test_a_claims_function_that_fails(
    api: Api, person: Any, pair: dict[str, Any], reports: list[str], settings: Any
) -> None:
    """At sign-in, refresh and re-authentication."""
    secrets = [PASSWORD, pair["access"], pair["refresh"]]
    name = person.get_username()
    settings.JOTPASS = {"CLAIMS": fail}
    calls: list[Callable[[], Any]] = [
        lambda: api.post("token/", {"username": name, "password": PASSWORD}),
        lambda: api.post("token/refresh/", {"refresh": pair["refresh"]}),
        lambda: api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=pair["access"]),
    ]
    for call in calls:
        assert call().status_code == 500
        check_reports(reports, secrets)
        reports.clear()


def test_a_claims_function_whose_claims_are_none(
    api: Api, pair: dict[str, Any], reports: list[str], settings: Any
) -> None:
    """What it caused is reported with its cause."""
    settings.JOTPASS = {"CLAIMS": lambda *_: {"sub": REASON}}
    assert api.post("token/refresh/", {"refresh": pair["refresh"]}).status_code == 500
    assert "ImproperlyConfigured" in reports[0]
    assert not any(pair["refresh"].rpartition(".")[2] in report for report in reports)


@pytest.mark.parametrize("path", ["token/verify/", "token/revoke/", "logout/"])
def test_a_call_that_fails(
    api: Api, pair: dict[str, Any], reports: list[str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Whichever call it is that takes a token."""
    monkeypatch.setattr(views, "authenticate_access_token", fail)
    for room in (views, cookie_families):
        monkeypatch.setattr(room, "family_of_refresh_token", fail)
    fields = {"token": pair["refresh"], "refresh": pair["refresh"]}
    assert api.post(path, fields, bearer=pair["access"]).status_code == 500
    check_reports(reports, [pair["refresh"], pair["access"]])


@pytest.mark.parametrize("path", ["token/revoke/", "logout/"])
@pytest.mark.parametrize("room", ["family_of_refresh_token", "verify_access_token"])
def test_a_call_by_cookie_that_fails(
    cookie_browser: Browser, reports: list[str], monkeypatch: pytest.MonkeyPatch, path: str, room: str
) -> None:
    """Neither of the two tokens that a browser holds."""
    monkeypatch.setattr(cookie_families, room, fail)
    held = list(cookie_browser.cookies.values())
    with pytest.raises(LookupError, match=REASON):
        cookie_browser.post(path)
    assert len(held) == 2
    check_reports(reports, held)


def test_a_form_that_fails(
    api: Api, pair: dict[str, Any], reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report shows the fields of a form, and those of ours are starred out."""
    monkeypatch.setattr(views, "family_of_refresh_token", fail)
    form = urlencode({"token": pair["refresh"]}).encode()
    assert api.post("token/revoke/", form, content_type=FORM).status_code == 500
    check_reports(reports, [pair["refresh"]])


def test_a_project_view_that_fails(
    api: Api, pair: dict[str, Any], reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view of the project, after somebody was let in."""

    def get(self: WhoAmI, request: Request) -> NoReturn:
        user, auth = request.user, request.auth
        fail(user, auth)

    monkeypatch.setattr(WhoAmI, "get", get)
    assert api.get("/whoami/", bearer=pair["access"]).status_code == 500
    check_reports(reports, [pair["access"]])


@pytest.mark.parametrize("broken", ["_found", "_open", "_new_row", "seal_key"])
def test_a_key_ring_that_fails(
    api: Api,
    *,
    person: Any,
    reports: list[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
) -> None:
    """Its keys are sealed under SECRET_KEY, which each step of it is handed."""
    settings.JOTPASS = {"ISSUER": "urn:a", "AUDIENCE": "urn:a", "SIGNING_ALGORITHM": "ES256"}
    settings.SECRET_KEY_FALLBACKS = ["a former secret:abcdefghijklmnopqrstuvwxyz"]
    monkeypatch.setattr(signing_keys, broken, fail)
    credentials = {"username": person.get_username(), "password": PASSWORD}
    assert api.post("token/", credentials).status_code == 500
    check_reports(reports, [PASSWORD, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])


@pytest.mark.parametrize(
    ("room", "broken"),
    [(sealing, "AESGCM"), (sealing, "_bound_to"), (derived, "HKDF"), (derived, "_distinct")],
)
def test_a_key_that_cannot_be_derived(
    api: Api,
    *,
    person: Any,
    reports: list[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    room: Any,
    broken: str,
) -> None:
    """The rooms of keys know no Django, and show no secret either."""
    settings.JOTPASS = {"ISSUER": "urn:a", "AUDIENCE": "urn:a", "SIGNING_ALGORITHM": "ES256"}
    settings.SECRET_KEY = "never seen before:abcdefghijklmnopqrstuvwxyz" + broken
    monkeypatch.setattr(room, broken, fail)
    credentials = {"username": person.get_username(), "password": PASSWORD}
    assert api.post("token/", credentials).status_code == 500
    check_reports(reports, [PASSWORD, settings.SECRET_KEY])


def test_a_policy_that_cannot_be_built(
    api: Api,
    *,
    person: Any,
    reports: list[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Settings are compared with what they were, SECRET_KEY too."""
    settings.JOTPASS = {"ISSUER": "urn:never-seen"}
    monkeypatch.setattr(policy, "access_key_ring", fail)
    credentials = {"username": person.get_username(), "password": PASSWORD}
    assert api.post("token/", credentials).status_code == 500
    check_reports(reports, [PASSWORD, settings.SECRET_KEY])


def test_keys_of_the_project_that_fail(
    api: Api,
    *,
    person: Any,
    reports: list[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A file of theirs holds what nobody else may read."""
    file = tmp_path / "key.pem"
    file.write_bytes(jose.Key.generate("ES256").to_pem(private=True))
    settings.JOTPASS = {"SIGNING_ALGORITHM": "ES256", "SIGNING_KEYS": [f"file:{file}"]}
    monkeypatch.setattr(given, "_complete", fail)
    credentials = {"username": person.get_username(), "password": PASSWORD}
    assert api.post("token/", credentials).status_code == 500
    check_reports(reports, file.read_text().splitlines()[1:-1])


def test_a_queryset_that_fails(api: Api, pair: dict[str, Any], reports: list[str], settings: Any) -> None:
    """The project's own code that runs while a token is being verified."""
    settings.JOTPASS = {"REQUEST_USER": "load", "USER_QUERYSET": fail}
    assert api.get("/whoami/", bearer=pair["access"]).status_code == 500
    check_reports(reports, [pair["access"]])
