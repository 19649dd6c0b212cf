"""The headers that a page of another origin needs, for the settings of ``django-cors-headers``.

Imports nothing, so that a settings file can import it.
"""

from __future__ import annotations

from typing import Final

EXPOSE_HEADERS: Final = ("date", "retry-after", "www-authenticate")
"""What the page's script reads of an answer, for ``CORS_EXPOSE_HEADERS``."""

ALLOW_HEADERS: Final = ("authorization", "content-type", "x-jotpass-transport")
"""What the page's script sends, for ``CORS_ALLOW_HEADERS``."""
