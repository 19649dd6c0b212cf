"""Pages of other origins with `django-cors-headers`: preflights are answered, checks say what is missing."""

from __future__ import annotations

from typing import Any, Final

import pytest
from corsheaders.defaults import default_headers
from django.core.checks import run_checks
from django.test import Client

from jotpass.auth import cors
from tests.auth.http.browser import HEADER, Browser
from tests.auth.http.contract import PASSWORD

FRIEND: Final = "https://app.example"
CORS: Final = {
    "CORS_ALLOWED_ORIGINS": [FRIEND],
    "CORS_ALLOW_CREDENTIALS": True,
    "CORS_ALLOW_HEADERS": (*default_headers, *cors.ALLOW_HEADERS),
    "CORS_EXPOSE_HEADERS": cors.EXPOSE_HEADERS,
}


@pytest.fixture(autouse=True)
def _cors(settings: Any) -> None:
    """The package is installed as its own documentation and ours say."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "corsheaders"]
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]
    settings.JOTPASS = {
        "ISSUER": "https://api.example",
        "AUDIENCE": "https://api.example",
        "TRANSPORTS": ["hybrid", "body"],
        "TRUSTED_ORIGINS": [FRIEND],
    }
    for name, value in CORS.items():
        setattr(settings, name, value)


def preflight(path: str, method: str, origin: str = FRIEND) -> Any:
    """What a browser asks before it sends our headers across origins."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,x-jotpass-transport",
    }
    return Client().options(path, headers=headers, secure=True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "token/"),
        ("POST", "token/refresh/"),
        ("POST", "logout/"),
        ("GET", "session/"),
        ("DELETE", "sessions/x/"),
    ],
)
def test_a_preflight_is_answered(method: str, path: str) -> None:
    """For an origin on the list, with our headers and credentials."""
    answer = preflight(f"/api/{path}", method)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == FRIEND
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert method in answer["Access-Control-Allow-Methods"]
    assert set(cors.ALLOW_HEADERS) <= set(answer["Access-Control-Allow-Headers"].split(", "))


def test_a_preflight_from_elsewhere_is_not() -> None:
    """The browser hears nothing of an origin, and does not send the request."""
    assert "Access-Control-Allow-Origin" not in preflight("/api/token/", "POST", "https://evil.example")


def test_a_page_reads_what_it_needs(person: Any) -> None:
    """Of answers and refusals: the time, the challenge, how long to wait."""
    headers = {"Sec-Fetch-Site": "same-site", "Origin": FRIEND}
    browser = Browser("hybrid")
    for answer in (
        browser.sign_in(person, headers=headers),
        browser.refresh(headers=headers),
        browser.get("session/", headers=headers),
    ):
        exposed = answer["Access-Control-Expose-Headers"].split(", ")
        assert set(exposed) == {"date", "retry-after", "www-authenticate"}
    assert answer.status_code == 401


def test_everybody_allowed_by_cors_is_still_no_trusted_page(person: Any, settings: Any) -> None:
    """CORS says who may read; who may use the cookies is TRUSTED_ORIGINS alone."""
    settings.CORS_ALLOW_ALL_ORIGINS = True
    answer = Client().post(
        "/api/token/",
        {"username": person.get_username(), "password": PASSWORD},
        content_type="application/json",
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", HEADER: "hybrid"},
        secure=True,
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert not answer.cookies


# --- the checks ---------------------------------------------------------------------------------------------


def ids() -> list[str]:
    """What the checks of Jotpass find."""
    return sorted(str(message.id) for message in run_checks() if str(message.id).startswith("jotpass."))


def test_a_complete_configuration_is_silent(db: None) -> None:
    """The lists of `jotpass.auth.cors` are what it takes."""
    assert ids() == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"CORS_EXPOSE_HEADERS": ()}, "jotpass.W010"),
        ({"CORS_EXPOSE_HEADERS": ["Date", "WWW-Authenticate"]}, "jotpass.W010"),
        ({"CORS_ALLOW_HEADERS": default_headers}, "jotpass.W011"),
        ({"CORS_ALLOW_CREDENTIALS": False}, "jotpass.W012"),
        ({"CORS_ALLOW_ALL_ORIGINS": True}, "jotpass.W013"),
        ({"CORS_ORIGIN_ALLOW_ALL": True}, "jotpass.W013"),
    ],
)
def test_what_is_missing_is_said(settings: Any, db: None, changes: dict[str, Any], found: str) -> None:
    """Each under an id of its own."""
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids() == [found]


@pytest.mark.parametrize(
    "changes",
    [
        {"CORS_EXPOSE_HEADERS": ["Date", "WWW-Authenticate", "Retry-After"]},
        {"CORS_ALLOW_HEADERS": ["*"]},
        {"MIDDLEWARE": []},
    ],
)
def test_what_is_enough_is_not(settings: Any, db: None, changes: dict[str, Any]) -> None:
    """Whatever the case of letters; nothing is said where the package is not used."""
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [each for each in ids() if each.startswith("jotpass.W01")] == []


def test_tokens_in_json_need_less(settings: Any, db: None) -> None:
    """Neither credentials nor the transport header, but still the headers of answers."""
    settings.JOTPASS = {name: settings.JOTPASS[name] for name in ("ISSUER", "AUDIENCE")}
    del settings.CORS_ALLOW_HEADERS
    settings.CORS_ALLOW_CREDENTIALS = False
    settings.CORS_EXPOSE_HEADERS = ()
    assert ids() == ["jotpass.W010"]
