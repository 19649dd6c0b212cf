"""django-axes, the package itself: its lock-outs are answers of ours, with and without its middleware."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from jotpass.auth import errors
from jotpass.auth.axes import refuse_locked_out

REPOSITORY = Path(__file__).parents[3]

WRONG = [401, "no_active_account", None]
LOCKED_OUT = [429, "throttled", "1800"]


@pytest.mark.parametrize("middleware", ["middleware", "none"])
def test_lock_outs_of_axes_are_answers_of_ours(middleware: str) -> None:
    """Who is locked out gets 429 in the one shape, by sign-in and re-authentication; the others get in."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    played = subprocess.run(
        [sys.executable, "-m", "tests.auth.http.axes_site", middleware],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert played.returncode == 0, played.stderr
    found = json.loads(played.stdout)
    assert found["answers"] == {
        "guesses": [WRONG, WRONG, LOCKED_OUT, LOCKED_OUT],
        "right, too late": [LOCKED_OUT],
        "right, elsewhere": [[200, None, None]],
        "success in between": [WRONG, WRONG, [200, None, None], LOCKED_OUT],
        "the password of a session": [WRONG, WRONG, LOCKED_OUT, LOCKED_OUT],
    }
    assert found["reasons"] == ["", "", *["throttled"] * 3, "", "", "throttled", "", "", *["throttled"] * 2]


@pytest.mark.parametrize(
    ("written", "wait"), [(None, 3600), (2, 7200), (lambda _: None, 3600), ("some.function", 3600), (0, 1)]
)
def test_the_time_to_wait_is_that_of_axes(settings: Any, written: Any, wait: int) -> None:
    """Where it says one; a lock that has no end is worth another try in an hour."""
    settings.AXES_COOLOFF_TIME = written
    request: Any = RequestFactory().post("/")
    refuse_locked_out(request)
    request.axes_locked_out = True
    with pytest.raises(errors.Throttled) as refusal:
        refuse_locked_out(request)
    assert refusal.value.wait == wait
    refuse_locked_out(request)
