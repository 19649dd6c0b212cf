"""System checks of a move: can the tokens be verified, and is it over?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.checks import run_checks

from jotpass.auth.simplejwt.checks import check_carrying_is_over
from tests.moving.old_tokens import carried, refresh

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

pytestmark = pytest.mark.django_db

KEY = "-----BEGIN PUBLIC KEY-----\nc2VjcmV0\n-----END PUBLIC KEY-----"


def found(prefix: str, **arguments: Any) -> list[CheckMessage]:
    """The messages whose id begins so."""
    return [message for message in run_checks(**arguments) if (message.id or "").startswith(prefix)]


def ids(prefix: str, **arguments: Any) -> list[str | None]:
    """Their ids."""
    return [message.id for message in found(prefix, **arguments)]


def test_a_project_on_its_way_is_in_order() -> None:
    """Nothing to say of keys and transports."""
    assert ids("jotpass.E0") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"ALGORITHM": "RS256"},
        {"SIGNING_KEY": None},
        {"ALGORITHM": "ES256", "VERIFYING_KEY": KEY},
        {"ISSUER": 7},
    ],
    ids=str,
)
def test_tokens_that_cannot_be_verified_are_an_error(
    wrong: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E060, and nothing of the key in it; with the setting off it does not matter."""
    monkeypatch.setattr("django.conf.settings.SIMPLE_JWT", wrong)
    (message,) = found("jotpass.E06")
    assert message.id == "jotpass.E060"
    assert "c2VjcmV0" not in str(message)
    settings.JOTPASS = {}
    assert ids("jotpass.E06") == []


def test_tokens_that_cannot_come_are_an_error(settings: Any) -> None:
    """E061: they come in the body."""
    settings.JOTPASS = {"SIMPLEJWT_TOKENS": True, "TRANSPORTS": ["cookie"]}
    assert ids("jotpass.E061") == ["jotpass.E061"]


def test_a_value_that_is_no_boolean_is_one_error(settings: Any) -> None:
    """E059, and none of what the setting would mean."""
    settings.JOTPASS = {"SIMPLEJWT_TOKENS": "yes"}
    assert ids("jotpass.E0", databases=["default"]) == ["jotpass.E059"]
    assert ids("jotpass.W030", databases=["default"]) == []


def test_the_setting_is_asked_away_when_nobody_needs_it(user: Any, settings: Any) -> None:
    """W030: before anything was carried, and after the last was exchanged; never without a database."""
    assert ids("jotpass.W030", databases=["default"]) == ["jotpass.W030"]
    token = carried(user)
    assert ids("jotpass.W030", databases=["default"]) == []
    assert refresh(token).status_code == 200
    assert ids("jotpass.W030", databases=["default"]) == ["jotpass.W030"]
    assert ids("jotpass.W030") == []
    settings.JOTPASS = {}
    assert ids("jotpass.W030", databases=["default"]) == []
    assert check_carrying_is_over(databases=None) == []
