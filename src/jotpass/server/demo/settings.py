"""Django settings of the demo: the ready-made project on the loopback interface, without TLS."""

from __future__ import annotations

from jotpass.server.settings import *  # noqa: F403
from jotpass.server.settings import INSTALLED_APPS, SILENCED_SYSTEM_CHECKS

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS = [*INSTALLED_APPS, "jotpass.server.demo"]
ROOT_URLCONF = "jotpass.server.demo.urls"

# Plain http on 127.0.0.1: a Secure cookie would never come back, and the admin could not be tried.
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W012", "security.W016"]
