"""The CSRF decision: the browser's word for where a request comes from, and nothing else."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth import errors
from jotpass.auth.csrf import check_csrf, is_trusted

OWN = "https://api.example"
FRIEND = "https://app.example"
FOREIGN = "https://evil.example"
SITES = [
    None,
    "same-origin",
    "same-site",
    "cross-site",
    "none",
    "",
    "Same-Origin",
    "same-origin, same-origin",
]
ORIGINS = [None, OWN, FRIEND, FOREIGN, "null", "", "NULL", f"{OWN},{OWN}", OWN + "/", "http://api.example"]


def judged(fetch_site: str | None, origin: str | None) -> bool:
    """The decision for an API that trusts one other origin."""
    return is_trusted(fetch_site=fetch_site, origin=origin, own=OWN, trusted=frozenset({FRIEND}))


@pytest.mark.parametrize(("fetch_site", "origin"), list(product(SITES, ORIGINS)))
def test_the_whole_table(fetch_site: str | None, origin: str | None) -> None:
    """Every combination that a browser, an old browser or a forger sends."""
    trusted = (
        (fetch_site == "same-origin" and origin != "null")
        or origin == FRIEND
        or (fetch_site is None and origin == OWN)
    )
    assert judged(fetch_site, origin) is trusted


def test_neither_header_is_refused() -> None:
    """Who sends neither is no browser."""
    assert not judged(None, None)


@pytest.mark.parametrize("fetch_site", SITES)
def test_a_page_without_an_origin_is_refused(fetch_site: str | None) -> None:
    """`Origin: null` is anybody: a sandboxed frame, a data URL, a redirect."""
    assert not judged(fetch_site, "null")


@pytest.mark.parametrize("fetch_site", ["same-site", "cross-site", "none"])
def test_the_browser_is_believed_over_an_origin_that_looks_like_ours(fetch_site: str) -> None:
    """Plain http of our own host is another site, whatever a proxy has made of our own scheme."""
    assert not judged(fetch_site, OWN)


@given(st.none() | st.text(), st.none() | st.text())
def test_nothing_else_is_trusted(fetch_site: str | None, origin: str | None) -> None:
    """No other text opens the door."""
    expected = origin != "null" and (
        fetch_site == "same-origin" or origin == FRIEND or (fetch_site is None and origin == OWN)
    )
    assert judged(fetch_site, origin) is expected


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://testserver"}, True),
        ({"Origin": "https://testserver:443"}, False),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": FRIEND, "Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": FOREIGN}, False),
        ({"Referer": "https://testserver/"}, False),
        ({}, False),
    ],
)
def test_a_request_is_judged_by_its_headers(settings: Any, headers: dict[str, str], passes: bool) -> None:
    """Own is the scheme and host of the request; others are of the setting."""
    settings.JOTPASS = {"TRUSTED_ORIGINS": [FRIEND]}
    request = RequestFactory().post("/", secure=True, headers=headers)
    if passes:
        check_csrf(request)
    else:
        with pytest.raises(errors.CsrfFailed):
            check_csrf(request)
