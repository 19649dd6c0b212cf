"""The address of a client: the peer, or the hop that the outermost own proxy wrote; never one it chose."""

from __future__ import annotations

import io
import ipaddress
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth.address import _tell_of_proxy, client_address, parse_address
from jotpass.auth.device import device_of

PEER = "192.0.2.1"


def request_with(forwarded: str | None, peer: str = PEER) -> Any:
    """A request from a peer, with or without X-Forwarded-For."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)


@pytest.mark.parametrize(
    ("count", "forwarded", "seen"),
    [
        (0, None, PEER),
        (0, "203.0.113.9", PEER),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.66, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "198.51.100.66,198.51.100.67 ,\t203.0.113.9 , 10.0.0.2", "203.0.113.9"),
        (1, "2001:DB8::0001", "2001:db8::1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "64:ff9b::203.0.113.9", "203.0.113.9"),
        (1, "64:ff9b:1::cb00:7109", "64:ff9b:1::cb00:7109"),
    ],
)
def test_the_hop_that_the_outermost_own_proxy_wrote(
    settings: Any, count: int, forwarded: str | None, seen: str
) -> None:
    """The n-th from the right, whatever the sender wrote before it; events and sessions say the same."""
    settings.JOTPASS = {"TRUSTED_PROXY_COUNT": count}
    request = request_with(forwarded)
    assert client_address(request) == seen
    assert device_of(request).address == seen


@pytest.mark.parametrize(
    ("count", "forwarded"),
    [
        (1, None),
        (1, ""),
        (1, ","),
        (1, "203.0.113.9,"),
        (2, "203.0.113.9"),
        (3, "203.0.113.9, 10.0.0.2"),
        (1, "203.0.113.9, unknown"),
        (1, "203.0.113.9, _hidden"),
        (1, "203.0.113.9, 203.0.113.10.11"),
        (1, "203.0.113.9 203.0.113.10"),
        (1, "203.0.113.9:port"),
        (1, "[203.0.113.9"),
        (1, "localhost"),
        (1, "\u0662.0.2.1"),
        (1, "1" * 100_000),
        (2, "203.0.113.9, " * 2 + "x" * 100_000 + ", 10.0.0.2"),
    ],
)
def test_what_no_own_proxy_wrote_falls_back_to_the_peer(
    settings: Any, count: int, forwarded: str | None
) -> None:
    """Too few hops, or no address where one has to be: nothing that the sender chose is taken instead."""
    settings.JOTPASS = {"TRUSTED_PROXY_COUNT": count}
    assert client_address(request_with(forwarded)) == PEER


def test_a_header_sent_twice_is_one_list(settings: Any) -> None:
    """HAProxy adds a line of its own below the sender's: the last hop is in the last line."""
    settings.JOTPASS = {"TRUSTED_PROXY_COUNT": 1}
    lines = [(b"x-forwarded-for", b"198.51.100.66"), (b"x-forwarded-for", b"203.0.113.9")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": lines, "client": (PEER, 4711)}
    assert client_address(ASGIRequest(scope, io.BytesIO())) == "203.0.113.9"


@given(invented=st.text(st.characters(codec="latin-1"), max_size=200), count=st.integers(1, 16))
def test_a_sender_cannot_choose_an_address(invented: str, count: int) -> None:
    """Whatever stands in the header when it reaches the outermost proxy, the address is what that one saw."""
    hops = [invented, "203.0.113.9", *(f"10.0.0.{number}" for number in range(1, count))]
    with override_settings(JOTPASS={"TRUSTED_PROXY_COUNT": count}):
        assert client_address(request_with(None)) == PEER
        request = request_with(None)
        request.META["HTTP_X_FORWARDED_FOR"] = ", ".join(hops)
        assert client_address(request) == "203.0.113.9"


@given(st.text(max_size=100))
def test_what_is_parsed_is_an_address(text: str) -> None:
    """In the one form that it has, or nothing."""
    address = parse_address(text)
    assert not address or str(ipaddress.ip_address(address)) == address == parse_address(address)


@pytest.mark.parametrize(
    ("count", "request_", "lines"),
    [
        (0, request_with("203.0.113.9", ""), 1),
        (0, request_with("203.0.113.9", "127.0.0.1"), 1),
        (0, request_with("203.0.113.9", "172.17.0.2"), 1),
        (0, request_with("203.0.113.9"), 0),
        (0, request_with(None, "127.0.0.1"), 0),
        (1, request_with("203.0.113.9", "127.0.0.1"), 0),
    ],
)
def test_a_proxy_that_nobody_told_of_is_told_of_once(
    settings: Any, caplog: pytest.LogCaptureFixture, count: int, request_: Any, lines: int
) -> None:
    """A header from a peer of one's own, and not one that anybody may have sent."""
    _tell_of_proxy.cache_clear()
    settings.JOTPASS = {"TRUSTED_PROXY_COUNT": count}
    for _ in range(2):
        client_address(request_)
    assert [record.name for record in caplog.records] == ["jotpass.address"] * lines
