"""What is made of the settings is made once while they stay, and so much of it is kept."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from django.conf import settings as django_settings

from jotpass.auth.remembered import MAX_REMEMBERED, remembered, remembered_for_each


def test_each_argument_is_built_for_once(settings: Any) -> None:
    """And again for each when a setting is another."""
    built: list[str | None] = []

    @remembered_for_each
    def length(name: str | None) -> int:
        built.append(name)
        return len(name or "")

    assert [length("a"), length("bb"), length("a"), length(), length()] == [1, 2, 1, 0, 0]
    assert built == ["a", "bb", None]
    settings.JOTPASS = {"REALM": "another"}
    assert [length("a"), length("a")] == [1, 1]
    assert built == ["a", "bb", None, "a"]


def test_the_first_makes_room() -> None:
    """However many arguments come, so many results are kept."""
    built: list[int | None] = []

    @remembered_for_each
    def same(number: int | None) -> int | None:
        built.append(number)
        return number

    for number in range(MAX_REMEMBERED + 1):
        assert same(number) == number
    del built[:]
    assert [same(MAX_REMEMBERED), same(1), same(0)] == [MAX_REMEMBERED, 1, 0]
    assert built == [0]


def test_a_failure_is_not_remembered() -> None:
    """Who asks again is answered by what holds by then."""
    causes = [ValueError("not yet")]

    @remembered
    def late() -> str:
        if causes:
            raise causes.pop()
        return "now"

    with pytest.raises(ValueError, match="not yet"):
        late()
    assert [late(), late()] == ["now", "now"]


def test_a_report_of_an_error_does_not_show_the_secret_key() -> None:
    """Tracebacks with local variables are sent to people who may not know it."""

    @remembered
    def broken() -> str:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as caught:
        broken()
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(report.format())
    assert "<settings>" in text
    assert django_settings.SECRET_KEY not in text
