"""Origins: how they are written, which hosts are this machine, and which may be trusted with cookies."""

from __future__ import annotations

import pytest

from jotpass.auth.origins import checked_origin, is_local_origin, is_loopback, origin_of


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("https", "api.example", "https://api.example"),
        ("https", "API.example:443", "https://api.example"),
        ("https", "api.example:80", "https://api.example:80"),
        ("http", "localhost:8000", "http://localhost:8000"),
        ("http", "localhost:80", "http://localhost"),
        ("http", "[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(scheme: str, host: str, origin: str) -> None:
    """In lower case and without a default port (RFC 6454 s6.2)."""
    assert origin_of(scheme, host) == origin


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:80", "127.9.9.9", "[::1]", "[::1]:8000"]
)
def test_a_loopback_host(host: str) -> None:
    """localhost, 127.0.0.0/8 and ::1, with and without a port."""
    assert is_loopback(host)
    assert is_local_origin(f"http://{host.lower()}")


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example",
        "app.localhost",
        "127.0.0.1.example",
        "api.example",
        "192.168.0.1",
        "0.0.0.0",  # noqa: S104 (a host that somebody names)
        "[::2]",
        "127.0.0.1:8000:9",
        "localhost:x",
        "",
        ":8000",
        "[",
    ],
)
def test_any_other_host_is_not(host: str) -> None:
    """Whatever merely looks like one is none."""
    assert not is_loopback(host)


def test_a_page_below_localhost_is_local() -> None:
    """Browsers resolve it to this machine; null and real hosts are not."""
    assert is_local_origin("http://app.localhost:5173")
    assert is_local_origin("https://localhost")
    assert not is_local_origin("https://app.example")
    assert not is_local_origin("https://localhost.example")
    assert not is_local_origin("null")


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example",
        "https://app.example:8443",
        "https://xn--bcher-kva.example",
        "http://localhost:5173",
        "http://127.0.0.1:5173",
        "http://[::1]:5173",
        "http://app.localhost:5173",
    ],
)
def test_an_origin_may_be_trusted(origin: str) -> None:
    """Over https, or on this machine."""
    assert checked_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "null",
        "*",
        "app.example",
        "https://",
        "https://*.example",
        "https://App.example",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example?x",
        "https://app.example:443",
        "https://app.example:",
        "https://app.example:port",
        "https://user@app.example",
        "https://app.example ",
        "https://app.example\n",
        "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example",
        "http://app.example",
        "http://localhost.example",
        "capacitor://localhost",
        "//app.example",
        "https://[::1",
    ],
)
def test_what_no_browser_sends_or_anybody_could_be_is_refused(text: object) -> None:
    """A setting that never matches, or matches too much, is a mistake."""
    with pytest.raises(ValueError, match="origins such as"):
        checked_origin(text)
