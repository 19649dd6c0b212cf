"""The import name of djangorestframework-simplejwt, on the engine of Jotpass."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import rest_framework_simplejwt.check_registration  # noqa: F401 (registers)

__version__: str | None
try:
    __version__ = version("jotpass-simplejwt")
except PackageNotFoundError:
    # A checkout that was put on the path and not installed.
    __version__ = None
