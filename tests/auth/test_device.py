"""Where a request came from: cleaned, bounded, and believing no header that anybody can write."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth.device import MAX_USER_AGENT_LENGTH, Device, device_of
from tests.auth.people import request_from


def test_nothing_is_known_without_a_request() -> None:
    """Empty strings, not None."""
    assert device_of(None) == Device("", "")


@given(st.text(max_size=2000), st.text(max_size=60))
def test_any_text_becomes_a_printable_device(user_agent: str, address: str) -> None:
    """Control characters, NUL and lone surrogates are replaced, and it is never longer than its column."""
    request = RequestFactory().get("/")
    request.META.update(HTTP_USER_AGENT=user_agent, REMOTE_ADDR=address)
    device = device_of(request)
    assert len(device.user_agent) <= MAX_USER_AGENT_LENGTH
    assert not device.user_agent or device.user_agent.isprintable()
    assert len(device.address) <= 39
    device.user_agent.encode()


@pytest.mark.parametrize("line", ["Mozilla/5.0\r\nsigned_in user=1", "a\x1b[31mred", "a\u2028b", "a\tb"])
def test_a_user_agent_cannot_forge_a_line_of_the_log(line: str) -> None:
    """It stays on its line."""
    assert device_of(request_from("192.0.2.1", line)).user_agent.isprintable()


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        ("unix:", ""),
        ("192.0.2.1:443", "192.0.2.1"),
        ("192.0.2.256", ""),
        ("example.org", ""),
        ("\x00", ""),
    ],
)
def test_an_address_is_one_or_none(address: str, seen: str) -> None:
    """In its canonical form; whatever is no address is unknown."""
    assert device_of(request_from(address)).address == seen


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP"])
def test_headers_say_nothing_of_the_address(header: str) -> None:
    """Who writes them is not known."""
    request = RequestFactory().get("/", headers={header: "203.0.113.9"}, REMOTE_ADDR="192.0.2.1")
    assert device_of(request).address == "192.0.2.1"
