"""What a person may recognise of a user agent: "Firefox on Linux". For showing, and for nothing else.

A user agent says what its sender likes (RFC 9110 s10.1.5), and each names half a dozen others for the sake of
servers that looked for those. The names are tried in the order in which they stand below: who pretends to be
somebody comes before whom it pretends to be.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_PROGRAMS: Final = (
    ("Edge", r"\b(?:Edg|EdgA|EdgiOS|Edge)/"),
    ("Opera", r"\b(?:OPR|OPT|OPX|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Yandex", r"\bYaBrowser/"),
    ("DuckDuckGo", r"\b(?:DuckDuckGo|Ddg)/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Electron", r"\bElectron/"),
    ("Chrome", r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bVersion/[\d.]+ .*\bSafari/"),
    ("Internet Explorer", r"\b(?:MSIE |Trident/)"),
)

_SYSTEMS: Final = (
    ("iPad", r"\biPad\b"),
    ("iPhone", r"\b(?:iPhone|iPod)\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows (?:NT|Phone)\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\b(?:Macintosh|Mac OS X|macOS)\b"),
    ("Linux", r"\b(?:Linux|X11)\b"),
    ("iOS", r"\bCFNetwork/.*\bDarwin/"),
)

_PRODUCT: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,30}(?=/|$)")
"""What an app or a program calls itself, before its version."""


@lru_cache(maxsize=512)
def summary_of(user_agent: str) -> str:
    """Say in a few words what a user agent is.

    Args:
        user_agent: The header, as it was remembered.

    Returns:
        Such as ``Firefox on Linux``, ``curl`` or ``Android``; empty when there is nothing to recognise.
    """
    program = _first(_PROGRAMS, user_agent) or _own_name(user_agent)
    system = _first(_SYSTEMS, user_agent)
    return f"{program} on {system}" if program and system else program or system


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")


def _own_name(user_agent: str) -> str:
    found = _PRODUCT.match(user_agent)
    name = found.group().strip() if found else ""
    return "" if name == "Mozilla" else name
