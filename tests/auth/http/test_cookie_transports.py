"""The transports `hybrid` and `cookie` over HTTP: what is in JSON, what in cookies; neither ever changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jotpass.auth.models import Session, TokenFamily
from tests.auth.http.browser import ACCESS, ALL, HEADER, REFRESH, Browser, generation, is_live
from tests.auth.http.contract import PASSWORD, Api, check_refusal, read
from tests.auth.http.signed_tokens import expired_access_token

if TYPE_CHECKING:
    from jotpass.auth.events import Event

pytestmark = pytest.mark.usefixtures("all_transports")


# --- what works ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["hybrid", "cookie"])
def test_signing_in(person: Any, transport: str) -> None:
    """The family remembers what was asked for."""
    browser = Browser(transport)
    browser.check_carried(browser.sign_in(person))
    assert TokenFamily.objects.get().transport == transport


def test_refreshing_takes_no_body(browser: Browser) -> None:
    """The cookie is enough, and is replaced each time."""
    seen = {browser.cookies[REFRESH]}
    for _ in range(3):
        browser.check_carried(browser.refresh())
        seen.add(browser.cookies[REFRESH])
    assert len(seen) == 4


def test_an_empty_object_is_as_good_as_no_body(browser: Browser) -> None:
    """Clients that always send JSON may."""
    browser.check_carried(browser.refresh({}))


def test_a_repeated_refresh_says_the_same_again(browser: Browser) -> None:
    """Two tabs with one cookie: within the grace both get the same."""
    before = browser.cookies[REFRESH]
    browser.refresh()
    after = browser.cookies[REFRESH]
    browser.check_carried(browser.refresh(headers={"Cookie": f"{REFRESH}={before}"}))
    assert browser.cookies[REFRESH] == after


def test_reauthentication_keeps_the_transport(browser: Browser, person: Any) -> None:
    """A new pair, the same way."""
    if browser.transport == "hybrid":
        bearer = {"Authorization": f"Bearer {read(browser.refresh())['access']}"}
    else:
        bearer = {}
    browser.check_carried(browser.post("session/reauthenticate/", {"password": PASSWORD}, headers=bearer))


def test_the_first_of_the_list_is_the_default(person: Any, settings: Any) -> None:
    """Who does not ask gets it; if it sets cookies, it must be asked for by name."""
    settings.JOTPASS = {"TRANSPORTS": ["body", "cookie"]}
    answer = Browser(None).sign_in(person)
    assert set(read(answer)) == {"access", "refresh", "expires_in"}
    assert not answer.cookies
    settings.JOTPASS = {"TRANSPORTS": ["cookie", "body"]}
    check_refusal(Browser(None).sign_in(person), "csrf_failed")
    assert Session.objects.count() == 1


# --- the access cookie --------------------------------------------------------------------------------------


def test_the_access_cookie_opens_views(cookie_browser: Browser, person: Any) -> None:
    """The project's and our own; a safe method needs no more than the cookie."""
    alone = {"Sec-Fetch-Site": None, "Origin": None, HEADER: None}
    answer = cookie_browser.get("/whoami/", headers=alone)
    assert read(answer) == {"pk": str(person.pk)}
    assert cookie_browser.get("sessions/", headers=alone).status_code == 200


def test_an_unsafe_method_takes_a_trusted_page(cookie_browser: Browser) -> None:
    """The cookie alone changes nothing: the browser would send it for anybody's page of this site."""
    (session,) = read(cookie_browser.get("sessions/"))
    path = f"sessions/{session['sid']}/"
    for headers in (
        {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": None, "Origin": None},
    ):
        check_refusal(cookie_browser.call("PATCH", path, {"label": "x"}, headers=headers), "csrf_failed")
        check_refusal(cookie_browser.call("DELETE", path, headers=headers), "csrf_failed")
    assert cookie_browser.call("PATCH", path, {"label": "x"}).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer garbage", "Basic dml0b3I6MTIz", "Bearer EXPIRED"])
def test_an_authorization_header_never_falls_back(cookie_browser: Browser, header: str) -> None:
    """Whatever it says, it has the last word."""
    header = header.replace("EXPIRED", expired_access_token(cookie_browser.cookies[ACCESS]))
    answer = cookie_browser.get("/whoami/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_the_header_is_judged_without_the_cookie(
    cookie_browser: Browser, person: Any, api: Api, settings: Any
) -> None:
    """A good bearer token needs no proof of a page, even beside a cookie."""
    pair = api.sign_in(person)
    headers = {"Authorization": f"Bearer {pair['access']}", "Sec-Fetch-Site": "cross-site", "Origin": "null"}
    (mine,) = [each for each in read(cookie_browser.get("sessions/", headers=headers)) if each["current"]]
    path = f"sessions/{mine['sid']}/"
    assert cookie_browser.call("PATCH", path, {"label": "x"}, headers=headers).status_code == 200


@pytest.mark.parametrize("allowed", [["body"], ["hybrid"], ["body", "hybrid"]])
def test_the_access_cookie_counts_only_where_the_transport_is_allowed(
    cookie_browser: Browser, settings: Any, allowed: list[str]
) -> None:
    """Elsewhere nobody looks at it."""
    settings.JOTPASS = {"TRANSPORTS": allowed}
    check_refusal(cookie_browser.get("session/"), "token_missing")


def test_two_access_cookies_are_malformed(cookie_browser: Browser) -> None:
    """Of two that differ none is chosen."""
    cookie = f"{ACCESS}={cookie_browser.cookies[ACCESS]}; {ACCESS}=other"
    check_refusal(cookie_browser.get("session/", headers={"Cookie": cookie}), "token_malformed")


# --- the transport is fixed ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ALL)
def test_a_script_cannot_change_the_transport(browser: Browser, asked: str) -> None:
    """Asking for another than the session's gives no token, costs no generation and ends nothing."""
    if asked == browser.transport:
        return
    for body in (None, {}, {"refresh": ""}):
        answer = browser.refresh(body, headers={HEADER: asked})
        assert answer.status_code in {400, 401}
        assert not {"access", "refresh"} & read(answer).keys()
        assert not answer.cookies
    assert generation() == 1
    assert is_live()
    browser.check_carried(browser.refresh())


def test_a_token_of_a_cookie_is_refused_in_json(browser: Browser, api: Api, events: list[Event]) -> None:
    """As any invalid one is, by whichever way; the session goes on, and nobody is told of a reuse."""
    stolen = browser.cookies[REFRESH]
    del events[:]
    for headers in (None, {HEADER: "body"}):
        check_refusal(api.post("token/refresh/", {"refresh": stolen}, headers=headers), "refresh_invalid")
    refused = browser.refresh({"refresh": stolen})
    check_refusal(refused, "transport_not_allowed")
    assert not refused.cookies
    for scope in ("others", "all"):
        answer = api.post("logout/", {"refresh": stolen, "scope": scope})
        check_refusal(answer, "refresh_invalid")
    assert (generation(), is_live(), events) == (1, True, [])


def test_a_replaced_token_presented_otherwise_revokes_nothing(browser: Browser, api: Api) -> None:
    """What cannot be a legitimate presentation is no reuse either: no stranger ends a session with it."""
    old = browser.cookies[REFRESH]
    browser.refresh()
    browser.refresh()
    check_refusal(api.post("token/refresh/", {"refresh": old}), "refresh_invalid")
    assert is_live()


@pytest.mark.parametrize("transport", ["hybrid", "cookie"])
def test_a_token_of_json_never_becomes_a_cookie(pair: dict[str, Any], transport: str) -> None:
    """Neither in the body nor smuggled into the cookie."""
    browser = Browser(transport)
    check_refusal(browser.refresh({"refresh": pair["refresh"]}), "transport_not_allowed")
    browser.keep(**{REFRESH: pair["refresh"]})
    answer = browser.refresh()
    check_refusal(answer, "refresh_invalid")
    assert not answer.cookies
    assert (generation(), is_live()) == (1, True)


def test_reauthentication_cannot_change_it(browser: Browser) -> None:
    """Another transport is refused, whichever way the access token comes."""
    for asked in set(ALL) - {browser.transport}:
        access = browser.cookies.get(ACCESS) or read(browser.refresh())["access"]
        for headers in ({HEADER: asked, "Authorization": f"Bearer {access}"}, {HEADER: asked}):
            answer = browser.post("session/reauthenticate/", {"password": PASSWORD}, headers=headers)
            assert answer.status_code in {400, 401}
            assert not {"access", "refresh"} & read(answer).keys()
            assert not answer.cookies


def test_a_transport_that_is_taken_off_the_list_is_over(
    browser: Browser, pair: dict[str, Any], api: Api, settings: Any
) -> None:
    """Its sessions are not refreshed any more."""
    settings.JOTPASS = {"TRANSPORTS": ["body"]}
    check_refusal(browser.refresh(), "transport_not_allowed")
    settings.JOTPASS = {"TRANSPORTS": ["hybrid", "cookie"]}
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")
