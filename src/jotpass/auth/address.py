"""The address that a request came from: the peer of the connection, or what a trusted proxy saw.

``X-Forwarded-For`` is a list to which each proxy appends the address it was called from. Whatever stands left
of the hops that one's own proxies wrote is the sender's invention.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from jotpass.auth.conf import jotpass_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

_WITH_PORT: Final = re.compile(r"([0-9.]+):[0-9]{1,5}|\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?", re.ASCII)
_LONGEST: Final = 64

_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as a translator shows them to IPv6 (RFC 6052 s2.1)."""

_SHARED_NETWORKS: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)

logger = logging.getLogger("jotpass.address")


def client_address(request: HttpRequest) -> str:
    """Find the address of the client, by the setting TRUSTED_PROXY_COUNT.

    With 0 it is the peer of the connection (``REMOTE_ADDR``). With n it is the n-th hop of
    ``X-Forwarded-For``, counted from the right: the one that the outermost of n own proxies has written. A
    request with fewer hops did not come through all of them, and a hop that is no address says nothing: both
    times it is the peer.

    Returns:
        An IPv4 or IPv6 address in its canonical form, an IPv4 address mapped or translated into IPv6 as IPv4;
        empty when unknown.
    """
    peer = parse_address(str(request.META.get("REMOTE_ADDR", "")))
    count = jotpass_settings.TRUSTED_PROXY_COUNT
    if count == 0:
        if "HTTP_X_FORWARDED_FOR" in request.META and is_shared(peer):
            _tell_of_proxy()
        return peer
    hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", count)
    return (parse_address(hops[-count]) if len(hops) >= count else "") or peer


def is_shared(address: str) -> bool:
    """Tell whether an address may stand for everybody: unknown, or of a proxy or network of one's own."""
    return not address or any(ipaddress.ip_address(address) in network for network in _SHARED_NETWORKS)


@cache
def _tell_of_proxy() -> None:
    """Log, once in a process, what whoever is attacked would otherwise never find."""
    logger.warning(
        "X-Forwarded-For arrives from a peer of one's own while JOTPASS['TRUSTED_PROXY_COUNT'] is 0. If a "
        "proxy writes it, say so: else everybody has the address of the proxy, and whoever guesses at a user "
        "name keeps its owner out."
    )


def parse_address(text: str) -> str:
    """Return an address in its canonical form, without a port or a zone; empty for whatever is none."""
    text = text.strip(" \t")
    if len(text) > _LONGEST:
        return ""
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(_as_ipv4(address) if isinstance(address, ipaddress.IPv6Address) else address)


def _as_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address
