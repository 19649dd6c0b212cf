"""The cookies of tokens: which names count where, how they are read without doubt, and how they are set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from jotpass.auth import clear_token_cookies, errors, set_token_cookies, start_session
from jotpass.auth.cookies import (
    LOOPBACK,
    MAX_COOKIE_BYTES,
    PREFIXED,
    access_cookie,
    fits_cookie,
    names_to_read,
    read_cookie,
    refresh_cookie,
)
from jotpass.auth.models import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "__Host-Http-jotpass_refresh"


# --- names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "host"),
    [
        ("https", "api.example"),
        ("https", "localhost"),
        ("https", "127.0.0.1:8000"),
        ("http", "api.example"),
        ("http", "app.localhost:8000"),
        ("http", "192.168.0.1"),
        ("http", "localhost.example"),
    ],
)
def test_elsewhere_the_prefix_is_the_only_name(settings: Any, scheme: str, host: str) -> None:
    """Without it a sibling host could set the cookie; DEBUG plays no part."""
    settings.DEBUG = True
    assert names_to_read(scheme, host, {}) == (PREFIXED,)
    assert names_to_read(scheme, host, {"HTTP_ORIGIN": "http://localhost:5173"}) == (PREFIXED,)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "127.1.2.3:1", "[::1]:8000"])
def test_on_a_loopback_host_over_plain_http_there_is_none(settings: Any, host: str) -> None:
    """Where https is missing the bare name is written, and read after the better one."""
    settings.DEBUG = False
    forwarded = {"HTTP_X_FORWARDED_HOST": "localhost:3000", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}
    for headers in ({}, forwarded, {"HTTP_ORIGIN": "http://localhost:5173", "HTTP_X_FORWARDED_FOR": "::1"}):
        assert names_to_read("http", host, headers) == (PREFIXED, LOOPBACK)


@pytest.mark.parametrize(
    "headers",
    [
        *({"HTTP_ORIGIN": origin} for origin in ("https://app.example", "http://app.example", "null", "")),
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "http"},
        {"HTTP_X_FORWARDED_HOST": "app.example"},
        {"HTTP_X_FORWARDED_HOST": "localhost, app.example"},
        {"HTTP_FORWARDED": "host=localhost"},
    ],
)
def test_a_proxy_that_hides_the_host_weakens_nothing(headers: dict[str, str]) -> None:
    """The page is not on this machine, so this is no developer's: prefixed cookies alone are set and read."""
    assert names_to_read("http", "127.0.0.1:8000", headers) == (PREFIXED,)


# --- reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        f"{NAME}=abc",
        f"a=b; {NAME}=abc",
        f"{NAME}=abc;a=b",
        f"a; {NAME}=abc;",
        f"{NAME}=abc; {NAME}=abc",
        f" \t{NAME}=abc ",
    ],
)
def test_a_cookie_is_found(header: str) -> None:
    """Wherever it stands; twice the same is no doubt."""
    assert read_cookie(header, NAME) == "abc"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "a=b",
        NAME.lower() + "=abc",
        f"x{NAME}=abc",
        f'a="{NAME}=abc"',
        f"\x85{NAME}=abc",
        f"\xa0{NAME}=abc",
        f"\x0b{NAME}=abc",
        f"\N{EN SPACE}{NAME}=abc",
        f"{NAME} =abc",
        NAME.replace("_", "-", 1) + "=abc",
    ],
)
def test_a_name_that_only_looks_like_it_is_another(header: str) -> None:
    """Browsers guard the prefix of the exact name alone: white space before it would slip by them."""
    assert read_cookie(header, NAME) is None


@pytest.mark.parametrize("values", ["ab", ["a", ""], "aba"])
def test_of_two_cookies_none_is_chosen(values: Sequence[str]) -> None:
    """One of them is somebody else's, and nothing says which (cookie tossing)."""
    with pytest.raises(errors.TokenMalformed):
        read_cookie("; x=y; ".join(f"{NAME}={value}" for value in values), NAME)


def test_quotes_and_escapes_are_left_as_they_are() -> None:
    """A token needs none, so nothing is unquoted into one."""
    assert read_cookie(f'{NAME}="a\\056b"', NAME) == '"a\\056b"'


def request(cookie: str, *, secure: bool = False, host: str = "testserver", **headers: str) -> Any:
    """A request with a Cookie header."""
    return RequestFactory().post("/", secure=secure, headers={"Cookie": cookie, "Host": host, **headers})


def test_the_bare_name_counts_on_loopback_alone() -> None:
    """A sibling host can set a cookie of that name; it is not looked at."""
    cookie = "jotpass_access=a; jotpass_refresh=r"
    assert access_cookie(request(cookie, host="localhost")) == "a"
    assert refresh_cookie(request(cookie, host="127.0.0.1")) == "r"
    for elsewhere in (
        request(cookie),
        request(cookie, secure=True),
        request(cookie, secure=True, host="localhost"),
    ):
        assert access_cookie(elsewhere) is None
        assert refresh_cookie(elsewhere) is None


def test_behind_a_proxy_that_hides_the_host_the_bare_name_does_not_count() -> None:
    """A sibling host could have tossed it to the browser."""
    cookie = "jotpass_access=tossed; jotpass_refresh=tossed"
    for headers in ({"Origin": "https://app.example"}, {"X-Forwarded-For": "192.0.2.1"}):
        behind = RequestFactory().get("/", headers={"Cookie": cookie, "Host": "127.0.0.1:8000", **headers})
        assert access_cookie(behind) is None
        assert refresh_cookie(behind) is None


def test_the_prefixed_name_counts_more() -> None:
    """Nobody but this host can have set it."""
    assert refresh_cookie(request(f"jotpass_refresh=tossed; {NAME}=own", host="localhost")) == "own"


# --- setting and clearing -----------------------------------------------------------------------------------


def flags(response: HttpResponse, name: str) -> tuple[object, ...]:
    """What matters of a Set-Cookie header."""
    cookie = response.cookies[name]
    return tuple(cookie[key] for key in ("secure", "httponly", "samesite", "path", "domain"))


def test_hybrid_puts_the_refresh_token_into_a_cookie(user: Any, settings: Any) -> None:
    """HttpOnly, Secure, SameSite=Strict, for this host alone, for as long as the token lives."""
    settings.JOTPASS = {"TRANSPORTS": ["hybrid"], "REFRESH_TOKEN_LIFETIME": 3600}
    pair = start_session(user)
    response = HttpResponse()
    set_token_cookies(response, pair, request("", secure=True))
    assert set(response.cookies) == {NAME}
    assert response.cookies[NAME].value == pair.refresh
    assert 3590 <= response.cookies[NAME]["max-age"] <= 3600
    assert flags(response, NAME) == (True, True, "Strict", "/", "")
    assert pair.json == {"access": pair.access, "expires_in": pair.expires_in}
    assert response["Cache-Control"] == "no-store"


def test_cookie_puts_both_there(user: Any, settings: Any) -> None:
    """And nothing into JSON but when to come back."""
    settings.JOTPASS = {"TRANSPORTS": ["cookie"]}
    pair = start_session(user)
    response = HttpResponse()
    set_token_cookies(response, pair, request("", host="localhost"))
    assert {name: cookie.value for name, cookie in response.cookies.items()} == {
        "jotpass_refresh": pair.refresh,
        "jotpass_access": pair.access,
    }
    assert response.cookies["jotpass_access"]["max-age"] == pair.expires_in
    assert (
        flags(response, "jotpass_access")
        == flags(response, "jotpass_refresh")
        == ("", True, "Strict", "/", "")
    )
    assert pair.json == {"expires_in": pair.expires_in}


def test_body_sets_none(user: Any) -> None:
    """A token that goes into JSON never sets a cookie."""
    pair = start_session(user)
    response = HttpResponse()
    set_token_cookies(response, pair, request(f"{PREFIXED.access}=old; {NAME}=old", secure=True))
    assert not response.cookies
    assert set(pair.json) == {"access", "refresh", "expires_in"}


def test_the_access_cookie_of_the_person_before_is_cleared(user: Any, settings: Any) -> None:
    """Else it would go on speaking for them beside the new session."""
    settings.JOTPASS = {"TRANSPORTS": ["hybrid", "cookie"]}
    response = HttpResponse()
    set_token_cookies(response, start_session(user), request(f"{PREFIXED.access}=old", secure=True))
    assert response.cookies[PREFIXED.access]["max-age"] == 0
    assert response.cookies[PREFIXED.access].value == ""


def test_clearing_takes_the_attributes_of_setting() -> None:
    """A browser ignores the end of a prefixed cookie that lacks Secure or Path."""
    response = HttpResponse()
    clear_token_cookies(response, request("", secure=True))
    assert set(response.cookies) == {PREFIXED.access, PREFIXED.refresh}
    for name in response.cookies:
        assert flags(response, name) == (True, True, "Strict", "/", "")
        assert response.cookies[name]["max-age"] == 0


def test_no_cookie_that_a_browser_would_drop(user: Any, settings: Any) -> None:
    """Claims that do not fit into a cookie are the project's mistake, said before a session begins."""
    settings.JOTPASS = {"TRANSPORTS": ["cookie"], "CLAIMS": lambda *_: {"much": "x" * MAX_COOKIE_BYTES}}
    with pytest.raises(ImproperlyConfigured, match="more than a cookie can carry"):
        start_session(user)
    assert not Session.objects.exists()
    assert fits_cookie("x" * (MAX_COOKIE_BYTES - len(PREFIXED.access)))
    assert not fits_cookie("x" * (MAX_COOKIE_BYTES - len(PREFIXED.access) + 1))
