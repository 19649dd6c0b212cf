"""The WSGI application of the ready-made project, aware of the proxies it was told to trust."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from jotpass.server.chunked_body import measure_chunked_body
from jotpass.server.unread_body import drain_unread_body

if TYPE_CHECKING:
    from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jotpass.server.settings")

application: Callable[..., Any] = drain_unread_body(measure_chunked_body(get_wsgi_application()))
trusted_proxies: list[str] = settings.TRUSTED_PROXIES  # type: ignore[misc] # of this project alone
if trusted_proxies:
    application = wrap_wsgi_with_proxy_headers(application, trusted_proxies)
