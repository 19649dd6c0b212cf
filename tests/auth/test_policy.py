"""The policies are those of the settings of the moment, however these changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jotpass.auth.policy import request_policy, rotation_policy, token_policy


def test_a_policy_is_made_once_while_the_settings_stay() -> None:
    """Nothing is parsed again for the next request."""
    assert request_policy() is request_policy()
    assert token_policy() is token_policy()
    assert rotation_policy() is rotation_policy()


def test_overridden_settings_hold_at_once_and_no_longer(settings: Any) -> None:
    """What a test overrides is seen by the next request, and so is its end."""
    settings.JOTPASS = {"ISSUER": "https://one.example"}
    assert token_policy().issuer == "https://one.example"
    settings.JOTPASS = {"ISSUER": "https://two.example"}
    assert token_policy().issuer == request_policy().tokens.issuer == "https://two.example"
    del settings.JOTPASS
    assert token_policy().issuer == "urn:jotpass:local"


def test_a_change_inside_the_dict_holds(settings: Any) -> None:
    """Whoever assigns into the dict need not tell anybody."""
    settings.JOTPASS = written = {"LEEWAY": 1}
    assert token_policy().leeway == timedelta(seconds=1)
    written["LEEWAY"] = 2
    assert token_policy().leeway == timedelta(seconds=2)
    written["REFRESH_REUSE_GRACE"] = 3
    assert rotation_policy().grace == timedelta(seconds=3)


def test_a_change_inside_a_list_of_the_dict_holds(settings: Any) -> None:
    """A list that grew is another setting."""
    audience = ["a"]
    settings.JOTPASS = {"AUDIENCE": audience}
    assert token_policy().audience == ("a",)
    audience.append("b")
    assert token_policy().audience == ("a", "b")


@pytest.mark.parametrize(
    "change",
    [
        {"SECRET_KEY": "another-key-for-tests-alone:9xGh6uPm3eJf9aTo4t7Wq0cVb2nZ"},
        {"SECRET_KEY_FALLBACKS": ["x" * 50]},
    ],
    ids=["SECRET_KEY", "SECRET_KEY_FALLBACKS"],
)
def test_other_secrets_are_other_keys(settings: Any, change: dict[str, Any]) -> None:
    """The keys follow SECRET_KEY and its fallbacks."""
    before = token_policy().keys
    for name, value in change.items():
        setattr(settings, name, value)
    assert token_policy().keys != before


def test_a_fallback_that_is_added_in_place_verifies(settings: Any) -> None:
    """The list of fallbacks may grow where it stands."""
    fallbacks: list[str] = []
    settings.SECRET_KEY_FALLBACKS = fallbacks
    before = len(token_policy().keys.verification)
    fallbacks.append("y" * 50)
    assert len(token_policy().keys.verification) == before + 1
