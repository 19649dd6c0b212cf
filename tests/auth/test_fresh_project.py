"""What `startproject` makes, with Jotpass added: its own tests run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
from django.test import SimpleTestCase, TestCase

from jotpass.testing import token_for


class Tokens(TestCase):
    def test_one_is_issued(self):
        from django.contrib.auth import get_user_model

        self.assertTrue(token_for(get_user_model().objects.create_user("vitor")))


class Arithmetic(SimpleTestCase):
    def test_sums(self):
        self.assertEqual(1 + 1, 2)
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, without the settings of our own tests."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as Django makes it, two apps added to its list."""
    folder = tmp_path_factory.mktemp("fresh")
    assert run(folder, "-m", "django", "startproject", "shop", ".").returncode == 0
    written = folder / "shop" / "settings.py"
    text = written.read_text()
    assert "django-insecure-" in text
    written.write_text(text + '\nINSTALLED_APPS += ["rest_framework", "jotpass.auth"]\n')
    (folder / "shop" / "tests.py").write_text(TESTS)
    return folder


@pytest.mark.parametrize("more", [(), ("--parallel", "2")], ids=" ".join)
def test_its_tests_run(project: Path, more: tuple[str, ...]) -> None:
    """The runner turns DEBUG off and then checks; the placeholder for a secret is no error there."""
    done = run(project, "manage.py", "test", *more)
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr


def test_its_deployment_is_refused(project: Path) -> None:
    """With DEBUG off, and no test around, the same placeholder is an error."""
    written = project / "shop" / "production.py"
    written.write_text("from shop.settings import *\n\nDEBUG = False\n")
    done = run(project, "manage.py", "check", "--settings=shop.production")
    assert done.returncode == 1
    assert "jotpass.E003" in done.stderr
