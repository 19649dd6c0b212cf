"""The address that a request came from: the peer of the connection, or what a trusted proxy saw.

``X-Forwarded-For`` is a list to which each proxy appends the address it was called from. Whatever stands left
of the hops that one's own proxies wrote is the sender's invention.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from jotpass.auth.conf import jotpass_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

_WITH_PORT: Final = re.compile(r"([0-9.]+):[0-9]{1,5}|\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?", re.ASCII)
_LONGEST: Final = 64


def client_address(request: HttpRequest) -> str:
    """Find the address of the client, by the setting TRUSTED_PROXY_COUNT.

    With 0 it is the peer of the connection (``REMOTE_ADDR``). With n it is the n-th hop of
    ``X-Forwarded-For``, counted from the right: the one that the outermost of n own proxies has written. A
    request with fewer hops did not come through all of them, and a hop that is no address says nothing: both
    times it is the peer.

    Returns:
        An IPv4 or IPv6 address in its canonical form, an IPv4 address mapped into IPv6 as IPv4; empty when
        unknown.
    """
    peer = parse_address(str(request.META.get("REMOTE_ADDR", "")))
    count = jotpass_settings.TRUSTED_PROXY_COUNT
    if count == 0:
        return peer
    hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", count)
    return (parse_address(hops[-count]) if len(hops) >= count else "") or peer


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
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
