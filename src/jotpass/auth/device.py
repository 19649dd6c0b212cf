"""Where a request came from, as sessions and events remember it: user agent and address, cleaned."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

MAX_USER_AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Device:
    """A user agent and an address, each empty when unknown."""

    user_agent: str = ""
    address: str = ""


def device_of(request: HttpRequest | None) -> Device:
    """Describe the sender of a request; without a request nothing is known.

    The address is the peer of the connection. Headers that anybody can write are not believed.
    """
    if request is None:
        return Device()
    user_agent = str(request.META.get("HTTP_USER_AGENT", ""))[:MAX_USER_AGENT_LENGTH]
    printable = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in user_agent
    )
    return Device(printable, _address(str(request.META.get("REMOTE_ADDR", ""))))


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return ""
