"""Signing out by cookie, and when cookies are cleared."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from jotpass.auth import rotation
from jotpass.auth.models import Session
from tests.auth.http.browser import ACCESS, HEADER, REFRESH, Browser, is_live
from tests.auth.http.contract import Api, check_refusal, read

pytestmark = pytest.mark.usefixtures("all_transports")


def test_signing_out_clears_and_ends(browser: Browser) -> None:
    """Without a body and without the transport header, from our own page."""
    answer = browser.post("logout/", headers={HEADER: None})
    assert answer.status_code == 204
    assert set(answer.cookies) == {REFRESH, ACCESS}
    assert browser.cookies == {}
    assert not is_live()


@pytest.mark.parametrize("value", [None, "garbage", "", "é"])
def test_signing_out_never_fails(person: Any, value: str | None) -> None:
    """204 and cleared cookies, whatever the cookie holds."""
    browser = Browser("hybrid")
    if value is not None:
        browser.keep(**{REFRESH: value})
    for _ in range(2):
        answer = browser.post("logout/")
        assert answer.status_code == 204
        assert {cookie["max-age"] for cookie in answer.cookies.values()} == {0}


def test_signing_out_all_and_others(browser: Browser, person: Any) -> None:
    """The refresh cookie is a live credential for both; `others` keeps the cookies."""
    other = Browser(browser.transport)
    other.sign_in(person)
    answer = browser.post("logout/", {"scope": "others"})
    assert (answer.status_code, len(answer.cookies)) == (204, 0)
    check_refusal(other.refresh(), "refresh_invalid")
    assert browser.refresh().status_code == 200
    assert browser.post("logout/", {"scope": "all"}).status_code == 204
    assert browser.cookies == {}
    assert not Session.objects.filter(revoked_at=None).exists()


def test_signing_out_by_bearer_ends_the_cookie_too(browser: Browser, person: Any, api: Api) -> None:
    """A cookie that is cleared must not leave a session behind that nobody can end here."""
    pair = api.sign_in(person)
    answer = browser.post("logout/", headers={"Authorization": f"Bearer {pair['access']}"})
    assert answer.status_code == 204
    assert browser.cookies == {}
    assert not Session.objects.filter(revoked_at=None).exists()


def test_signing_out_by_bearer_elsewhere_leaves_the_cookie(browser: Browser, person: Any, api: Api) -> None:
    """A client of another page ends its own session and nobody else's."""
    pair = api.sign_in(person)
    headers = {"Authorization": f"Bearer {pair['access']}", "Sec-Fetch-Site": "cross-site"}
    answer = browser.post("logout/", headers=headers)
    assert (answer.status_code, len(answer.cookies)) == (204, 0)
    assert Session.objects.filter(revoked_at=None).count() == 1
    assert not api.is_live(pair)


def test_nothing_is_cleared_for_a_page_elsewhere(person: Any) -> None:
    """A form posted from elsewhere comes without the cookies, and its answer would clear them."""
    answer = Browser(None).post(
        "logout/", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    )
    assert (answer.status_code, len(answer.cookies)) == (204, 0)


def test_deleting_the_current_session_clears(cookie_browser: Browser) -> None:
    """Ending it in the list is signing out."""
    (session,) = read(cookie_browser.get("sessions/"))
    answer = cookie_browser.call("DELETE", f"sessions/{session['sid']}/")
    assert answer.status_code == 204
    assert cookie_browser.cookies == {}


def test_revoking_the_cookie(browser: Browser) -> None:
    """RFC 7009 for who cannot read the token: no body, the cookie instead; then 200 ever after."""
    answer = browser.post("token/revoke/")
    assert (answer.status_code, read(answer)) == (200, {})
    assert browser.cookies == {}
    assert not is_live()
    assert browser.post("token/revoke/").status_code == 200


def test_any_holder_may_revoke(browser: Browser, api: Api) -> None:
    """A token that was found may be revoked by whoever found it, however it travels."""
    assert api.post("token/revoke/", {"token": browser.cookies[REFRESH]}).status_code == 200
    assert not is_live()


@pytest.mark.parametrize("over", ["revoked", "garbage", "reused"])
def test_a_cookie_that_is_refused_for_good_is_cleared(browser: Browser, over: str) -> None:
    """Else the browser would send it for ever."""
    if over == "revoked":
        Session.objects.get().delete()
    elif over == "garbage":
        browser.keep(**{REFRESH: "garbage"})
    else:
        old = browser.cookies[REFRESH]
        browser.refresh()
        browser.refresh()
        browser.keep(**{REFRESH: old})
    answer = browser.refresh()
    check_refusal(answer, "refresh_invalid")
    assert set(answer.cookies) == {REFRESH, ACCESS}
    assert browser.cookies == {}


def test_a_cookie_that_is_refused_for_now_is_kept(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer costs nobody the session."""

    def away(_: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "load_family", away)
        answer = browser.refresh()
    check_refusal(answer, "service_unavailable")
    assert not answer.cookies
    browser.check_carried(browser.refresh())
