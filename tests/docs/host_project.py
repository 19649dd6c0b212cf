"""The Django project behind the fences of a page: the regular host project, changed as the page says."""

from __future__ import annotations

import contextlib
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.test import override_settings
from django.urls import clear_url_caches

if TYPE_CHECKING:
    from collections.abc import Iterator


class HostProject:
    """Applies the settings and URLs of a page until the page ends."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    @contextlib.contextmanager
    def opened(self) -> Iterator[HostProject]:
        """Undo every change when the context ends."""
        with self._stack:
            yield self
        clear_url_caches()

    def settings(self, code: CodeType) -> None:
        """Run a fence of settings, apply what it assigns, and have Django check the result.

        Raises:
            AssertionError: The system checks report an error, or a warning that was not there before.
        """
        before = {message.id for message in checks.run_checks()}
        namespace: dict[str, Any] = {}
        exec(code, namespace)  # noqa: S102 - running the page is the point
        changed = {name: value for name, value in namespace.items() if name.isupper()}
        assert changed, "a fence of settings assigns at least one"
        self._stack.enter_context(override_settings(**changed))
        after = checks.run_checks()
        found = [message for message in after if message.is_serious() or message.id not in before]
        assert not found, found

    def urls(self, code: CodeType) -> None:
        """Run a fence of URLs and serve its `urlpatterns` from here on."""
        module = ModuleType("the URLs of the page")
        exec(code, module.__dict__)  # noqa: S102 - running the page is the point
        assert module.urlpatterns, "a fence of URLs assigns urlpatterns"
        self._stack.enter_context(override_settings(ROOT_URLCONF=module))
