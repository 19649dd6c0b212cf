"""The ASGI application of the ready-made project, aware of the proxies it was told to trust.

`jotpass serve` runs the WSGI application, which is faster; this one is for a server that speaks ASGI only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from jotpass.server.chunked_body_async import measure_chunked_body_async

if TYPE_CHECKING:
    from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jotpass.server.settings")

application: Callable[..., Any] = measure_chunked_body_async(get_asgi_application())
trusted_proxies: list[str] = settings.TRUSTED_PROXIES  # type: ignore[misc] # of this project alone
if trusted_proxies:
    application = wrap_asgi_with_proxy_headers(application, trusted_proxies)
