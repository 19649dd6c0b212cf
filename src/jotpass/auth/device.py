"""Where a request came from, as sessions and events remember it: user agent and address, cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jotpass.auth.address import client_address
from jotpass.auth.user_agent import summary_of

if TYPE_CHECKING:
    from django.http import HttpRequest

MAX_USER_AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Device:
    """A user agent and an address, each empty when unknown."""

    user_agent: str = ""
    address: str = ""

    @property
    def summary(self) -> str:
        """What a person may recognise of it, such as ``Firefox on Linux``."""
        return summary_of(self.user_agent)


def device_of(request: HttpRequest | None) -> Device:
    """Describe the sender of a request; without a request nothing is known.

    Headers that anybody can write are not believed: see `client_address`.
    """
    if request is None:
        return Device()
    user_agent = str(request.META.get("HTTP_USER_AGENT", ""))[:MAX_USER_AGENT_LENGTH]
    printable = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in user_agent
    )
    return Device(printable, client_address(request))
