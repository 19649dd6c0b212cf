"""The check about a schema for each tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.checks import run_checks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["jotpass.auth", "jotpass.auth.apps.JotpassConfig"])
def test_tables_of_each_tenant_are_warned_of(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """The app is named among the tenants' by either of its names, and the package is installed."""

    def found() -> bool:
        return any(message.id == "jotpass.W023" for message in run_checks(tags=["security"]))

    settings.TENANT_APPS = ["django.contrib.auth", name]
    assert not found()
    # A package of that name: the check looks at the name alone.
    (tmp_path / "django_tenants").mkdir()
    (tmp_path / "django_tenants" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = ["django_tenants", *settings.INSTALLED_APPS]
    assert found()
    settings.TENANT_APPS = ["django.contrib.auth"]
    assert not found()
    del settings.TENANT_APPS
    assert not found()
