"""Signing out by cookie, and when cookies are cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError

from jotpass.auth import rotation
from jotpass.auth.models import Session, TokenFamily
from tests.auth.http.browser import ACCESS, HEADER, REFRESH, Browser, is_live
from tests.auth.http.contract import Api, check_refusal, create_person, read
from tests.auth.http.signed_tokens import expired_access_token

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _expired(browser: Browser) -> None:
    browser.keep(**{ACCESS: expired_access_token(browser.cookies[ACCESS])})


def _lost(browser: Browser) -> None:
    browser.forget(REFRESH)


def _lost_and_expired(browser: Browser) -> None:
    _lost(browser)
    _expired(browser)


def _garbage(browser: Browser) -> None:
    browser.keep(**{REFRESH: "garbage"})


@pytest.mark.parametrize("path", ["logout/", "token/revoke/"])
@pytest.mark.parametrize("happened", [_expired, _lost, _lost_and_expired, _garbage])
def test_either_cookie_is_enough(
    cookie_browser: Browser, happened: Callable[[Browser], None], path: str
) -> None:
    """Whichever token is left, alive or expired, ends what it belongs to before it is cleared."""
    stolen = cookie_browser.cookies[ACCESS]
    happened(cookie_browser)
    answer = cookie_browser.post(path)
    assert answer.status_code in {200, 204}
    assert cookie_browser.cookies == {}
    assert not is_live()
    assert Api().get("/whoami/", bearer=stolen).status_code == 401


@pytest.mark.parametrize("path", ["logout/", "token/revoke/"])
@pytest.mark.parametrize("own_first", [True, False])
def test_of_several_cookies_each_that_is_ours_ends(
    browser: Browser, person: Any, path: str, *, own_first: bool
) -> None:
    """None of them need be chosen: the holder of a token may end its session, and all are cleared."""
    other = Browser(browser.transport)
    other.sign_in(person)
    tokens = [browser.cookies[REFRESH], other.cookies[REFRESH], "tossed"]
    sent = "; ".join(f"{REFRESH}={token}" for token in (tokens if own_first else tokens[::-1]))
    answer = browser.post(path, headers={"Cookie": sent})
    assert {cookie["max-age"] for cookie in answer.cookies.values()} == {0}
    assert not TokenFamily.objects.filter(revoked_at=None, session__revoked_at=None).exists()


def test_several_access_cookies_each_end(cookie_browser: Browser, person: Any) -> None:
    """The same of access tokens."""
    other = Browser("cookie")
    other.sign_in(person)
    sent = f"{ACCESS}={cookie_browser.cookies[ACCESS]}; {ACCESS}={other.cookies[ACCESS]}"
    assert cookie_browser.post("logout/", headers={"Cookie": sent}).status_code == 204
    assert not Session.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize("cookie", ["forged", "refresh"])
def test_a_cookie_that_is_no_access_token_of_ours_ends_nothing(cookie_browser: Browser, cookie: str) -> None:
    """It is cleared, and the session goes on."""
    own, refresh = cookie_browser.cookies[ACCESS], cookie_browser.cookies[REFRESH]
    cookie_browser.forget(REFRESH)
    cookie_browser.keep(**{ACCESS: own[:-8] + "AAAAAAAA" if cookie == "forged" else refresh})
    assert cookie_browser.post("logout/").status_code == 204
    assert is_live()


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}])
def test_a_page_elsewhere_with_the_access_cookie_alone(
    cookie_browser: Browser, headers: dict[str, str | None]
) -> None:
    """It is told that nothing was ended, as with the refresh cookie."""
    cookie_browser.forget(REFRESH)
    answer = cookie_browser.post("logout/", headers=headers)
    check_refusal(answer, "csrf_failed")
    assert not answer.cookies
    assert is_live()


def test_signing_out_everywhere_ends_the_session_of_the_cookie_too(browser: Browser) -> None:
    """Though the bearer token is another person's: its cookie is cleared."""
    api = Api()
    pair = api.sign_in(create_person("ada@example.org"))
    answer = browser.post("logout/", {"scope": "all"}, headers={"Authorization": f"Bearer {pair['access']}"})
    assert answer.status_code == 204
    assert browser.cookies == {}
    assert not Session.objects.filter(revoked_at=None).exists()


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


def test_deleting_the_session_of_the_bearer_leaves_the_cookie_of_another(
    browser: Browser, person: Any, api: Api
) -> None:
    """The one in the cookie was not ended, and can go on."""
    pair = api.sign_in(person)
    headers = {"Authorization": f"Bearer {pair['access']}"}
    sid = read(browser.get("session/", headers=headers))["sid"]
    answer = browser.call("DELETE", f"sessions/{sid}/", headers=headers)
    assert (answer.status_code, len(answer.cookies)) == (204, 0)
    browser.check_carried(browser.refresh())
    assert not api.is_live(pair)


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
