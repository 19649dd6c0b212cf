"""Origins as browsers write them (RFC 6454 s6.2), and which hosts are this machine. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_PORT: Final = re.compile(r":[0-9]*\Z")
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


def origin_of(scheme: str, host: str) -> str:
    """Write the origin of a scheme and a Host header as a browser does: lower case, no default port."""
    return f"{scheme}://{host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ''))}"


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine: ``localhost``, 127.0.0.0/8 or ::1, with or without a port."""
    name = _PORT.sub("", host.lower())
    if name == "localhost":
        return True
    try:
        return ip_address(name[1:-1] if name.startswith("[") else name).is_loopback
    except ValueError:
        return False


def is_local_origin(origin: str) -> bool:
    """Whether an origin is a page of this machine: its host is a loopback, or ends in ``.localhost``."""
    _, _, host = origin.partition("://")
    return is_loopback(host) or _PORT.sub("", host).endswith(".localhost")


def checked_origin(text: object) -> str:
    """Return an origin that may be trusted with cookies.

    Args:
        text: As browsers send it: ``https://app.example``, or plain http on this machine alone.

    Raises:
        ValueError: It is anything else; a path, a wildcard, a default port and capitals never match.
    """
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise ValueError(_NO_ORIGIN)
    try:
        parts = urlsplit(text)
        canonical = origin_of(parts.scheme, parts.netloc)
        _ = parts.port
    except ValueError:
        raise ValueError(_NO_ORIGIN) from None
    if canonical != text or not parts.hostname or text.endswith(":") or set(parts.netloc) & set("@*\\ "):
        raise ValueError(_NO_ORIGIN)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local_origin(text)):
        raise ValueError(_NO_ORIGIN)
    return text


_NO_ORIGIN: Final = (
    "must be a list of origins such as 'https://app.example': lower case, no path, no wildcard, and https "
    "except on localhost."
)
