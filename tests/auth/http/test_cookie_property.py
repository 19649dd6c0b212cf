"""Whatever a request with cookies says, no rule of the transports gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jotpass.auth.models import TokenFamily
from tests.auth.http.browser import ACCESS, ALL, HEADER, REFRESH, Browser
from tests.auth.http.contract import JSON, check_refusal, read, undone

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.usefixtures("all_transports")

PATHS = ["token/refresh/", "token/revoke/", "logout/", "session/reauthenticate/"]
BODIES: list[Any] = [
    None,
    {},
    {"refresh": "REFRESH"},
    {"refresh": None},
    {"refresh": 7},
    {"scope": "all"},
    {"token": "x"},
    [],
]
requests = st.fixed_dictionaries(
    {
        "path": st.sampled_from(PATHS),
        "body": st.sampled_from(BODIES),
        HEADER: st.sampled_from([None, *ALL, "", "Cookie"]),
        "Sec-Fetch-Site": st.sampled_from([None, "same-origin", "same-site", "cross-site", "none"]),
        "Origin": st.sampled_from([None, "null", "https://testserver", "https://evil.example"]),
        "cookie": st.sampled_from(
            ["REFRESH", "ACCESS", "REFRESH; ACCESS", "REFRESH; TOSSED", "TOSSED", "BARE", ""]
        ),
    }
)


@given(transport=st.sampled_from(ALL), asked=requests)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_moves_a_token_between_json_and_cookies(
    person: Any, transport: str, asked: dict[str, Any]
) -> None:
    """Tokens leave the way their session's do; a page elsewhere neither gets one nor ends a session."""
    browser = Browser(transport)
    with undone():
        issued = read(browser.sign_in(person)) | browser.cookies
        answer = _ask(browser, issued, asked)
        family = TokenFamily.objects.get()
        changed = family.generation > 1 or family.revoked_at is not None
    said = read(answer) if answer.content else {}
    if answer.status_code >= 400:
        check_refusal(answer)
    kept = {name for name, cookie in answer.cookies.items() if cookie["max-age"] != 0}
    assert "refresh" not in said or (transport == "body" and not kept)
    assert "access" not in said or transport != "cookie"
    assert not kept or transport != "body"
    trusted = asked["Origin"] != "null" and (
        asked["Sec-Fetch-Site"] == "same-origin"
        or (asked["Sec-Fetch-Site"] is None and asked["Origin"] == "https://testserver")
    )
    if not trusted:
        assert not answer.cookies
        assert not changed or transport == "body" or asked["body"] == {"refresh": "REFRESH"}


def _ask(browser: Browser, issued: dict[str, Any], asked: dict[str, Any]) -> HttpResponse:
    refresh = issued.get(REFRESH) or issued["refresh"]
    access = issued.get(ACCESS) or issued["access"]
    named = {
        "REFRESH": f"{REFRESH}={refresh}",
        "ACCESS": f"{ACCESS}={access}",
        "TOSSED": f"{REFRESH}=tossed",
        "BARE": f"jotpass_refresh={refresh}",
        "": "",
    }
    body = {"refresh": refresh} if asked["body"] == {"refresh": "REFRESH"} else asked["body"]
    headers = {name: asked[name] for name in (HEADER, "Sec-Fetch-Site", "Origin")}
    headers["Cookie"] = "; ".join(named[part] for part in asked["cookie"].split("; "))
    return browser.post(asked["path"], body, headers=headers, content_type=JSON)
