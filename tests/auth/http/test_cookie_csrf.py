"""Where a cookie authenticates or is asked for: pages elsewhere, and cookies that others have set."""

from __future__ import annotations

from typing import Any

import pytest

from jotpass.auth.models import Session
from tests.auth.http.browser import ACCESS, ALL, HEADER, REFRESH, Browser, generation, is_live
from tests.auth.http.contract import PASSWORD, check_refusal

pytestmark = pytest.mark.usefixtures("all_transports")


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://sibling.testserver"},
    {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": None, "Origin": "http://testserver"},
    {"Sec-Fetch-Site": None, "Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": None, "Origin": None},
    {"Sec-Fetch-Site": "none", "Origin": None},
    {"Sec-Fetch-Site": None, "Origin": None, "Referer": "https://testserver/"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize("transport", ["hybrid", "cookie"])
def test_no_other_page_signs_in(person: Any, transport: str, headers: dict[str, str | None]) -> None:
    """Login CSRF: a visitor would work in somebody else's account."""
    answer = Browser(transport).sign_in(person, headers=headers)
    check_refusal(answer, "csrf_failed")
    assert not answer.cookies
    assert not Session.objects.exists()


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_no_other_page_refreshes_or_signs_out(browser: Browser, headers: dict[str, str | None]) -> None:
    """Nothing happens: no generation, no end, no cookie."""
    scopes = [{"scope": scope} for scope in ("current", "others", "all")]
    calls = [("token/refresh/", None), ("token/revoke/", None), ("logout/", None)]
    for path, body in [*calls, *(("logout/", scope) for scope in scopes)]:
        answer = browser.post(path, body, headers=headers)
        check_refusal(answer, "csrf_failed")
        assert not answer.cookies
    assert (generation(), is_live()) == (1, True)


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_no_other_page_reauthenticates(cookie_browser: Browser, headers: dict[str, str | None]) -> None:
    """Not even with the password."""
    answer = cookie_browser.post("session/reauthenticate/", {"password": PASSWORD}, headers=headers)
    check_refusal(answer, "csrf_failed")


def test_a_trusted_origin_does_all_of_it(person: Any, settings: Any) -> None:
    """A page of TRUSTED_ORIGINS is as good as one of our own."""
    settings.JOTPASS = {"TRANSPORTS": ALL, "TRUSTED_ORIGINS": ["https://app.example"]}
    headers = {"Sec-Fetch-Site": "same-site", "Origin": "https://app.example"}
    for transport in ("hybrid", "cookie"):
        browser = Browser(transport)
        browser.check_carried(browser.sign_in(person, headers=headers))
        browser.check_carried(browser.refresh(headers=headers))
        assert browser.post("logout/", headers=headers).status_code == 204
        assert browser.cookies == {}


def test_an_old_browser_says_its_origin(person: Any) -> None:
    """Without Fetch Metadata, an Origin that is our own counts."""
    browser = Browser("hybrid")
    browser.check_carried(browser.sign_in(person, headers={"Sec-Fetch-Site": None}))


def test_the_header_is_demanded_where_tokens_are_issued(browser: Browser) -> None:
    """A form of our own page cannot write it (RFC 10017 s6.1.3.3.2)."""
    check_refusal(browser.refresh(headers={HEADER: None}), "csrf_failed")
    if browser.transport == "cookie":
        answer = browser.post("session/reauthenticate/", {"password": PASSWORD}, headers={HEADER: None})
        check_refusal(answer, "csrf_failed")
    assert generation() == 1


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]
)
def test_what_a_form_sends_is_no_json(browser: Browser, person: Any, content_type: str) -> None:
    """Even from our own page."""
    body = b'{"username": "vitor@example.org", "password": "correct horse battery staple"}'
    for path in ("token/", "token/refresh/", "logout/"):
        check_refusal(browser.post(path, body, content_type=content_type), "unsupported_media_type")


# --- cookies of others --------------------------------------------------------------------------------------


def test_a_tossed_cookie_is_not_chosen(browser: Browser) -> None:
    """Two refresh cookies that differ are refused; neither is used up, and none is cleared."""
    own = browser.cookies[REFRESH]
    for cookie in (f"{REFRESH}={own}; {REFRESH}=tossed", f"{REFRESH}=tossed; {REFRESH}={own}"):
        answer = browser.refresh(headers={"Cookie": cookie})
        check_refusal(answer, "refresh_invalid")
        assert not answer.cookies
    assert (generation(), is_live()) == (1, True)


def test_a_bare_name_is_not_looked_at(browser: Browser) -> None:
    """A sibling host can set `jotpass_refresh`, and over https nobody reads it."""
    value = browser.cookies[REFRESH]
    names = (REFRESH.removeprefix("__Host-Http-"), ACCESS.removeprefix("__Host-Http-"))
    cookie = "; ".join(f"{name}={value}" for name in names)
    check_refusal(browser.refresh(headers={"Cookie": cookie}), "refresh_invalid")
    check_refusal(browser.get("session/", headers={"Cookie": cookie, "Authorization": None}), "token_missing")
    assert generation() == 1
