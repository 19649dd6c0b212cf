"""Registers the system checks: whatever module of the package a project imports, they are known, and once.

Apart from the package's own module, which may be loaded again, and from `checks`, which reads settings that
may not be there yet.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Tags, register


def check_settings(**_: Any) -> list[CheckMessage]:
    """Run with every ``manage.py check``."""
    from rest_framework_simplejwt import checks  # noqa: PLC0415 (see above)

    return checks.faults()


def check_deployment(**_: Any) -> list[CheckMessage]:
    """Run with ``manage.py check --deploy``."""
    from rest_framework_simplejwt import checks  # noqa: PLC0415 (see above)

    return checks.advice()


register(check_settings, Tags.security)
register(check_deployment, Tags.security, deploy=True)
