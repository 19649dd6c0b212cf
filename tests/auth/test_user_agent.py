"""A user agent in a few words: those who pretend to be others, programs, and whatever else may be sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth.user_agent import summary_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "summary"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{WINDOWS} {WEBKIT} Chrome/138.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/138.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera on Windows"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari on macOS"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/138.0.0.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        (f"{IPHONE} Mobile/15E148", "iPhone"),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/138.0.0.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/138.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Internet Explorer on Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32.3", "python-requests"),
        ("okhttp/4.12.0", "okhttp"),
        ("Shop/7.1 CFNetwork/1498 Darwin/23.6.0", "Shop on iOS"),
        ("My App/1.0 (Android 15)", "My App on Android"),
        ("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)", "Dalvik on Android"),
        ("Mozilla/5.0", ""),
        ("", ""),
        ("   ", ""),
        ("\N{REPLACEMENT CHARACTER}" * 300, ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_it_is_what_a_person_would_say(user_agent: str, summary: str) -> None:
    """The program, and where it runs."""
    assert summary_of(user_agent) == summary


@given(st.text(max_size=300))
def test_whatever_is_sent_has_a_short_summary(user_agent: str) -> None:
    """Of names that we know, or of one plain word: nothing else of it is repeated."""
    summary = summary_of(user_agent)
    assert len(summary) < 60
    assert all(character.isalnum() or character in " ._-" for character in summary)
