"""The pair that a verdict grants, and the project's claims function: nothing is written before it is good."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from jotpass.auth.access_tokens import RESERVED_CLAIMS
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import start_session
from jotpass.auth.token_pair import TokenPair
from tests.auth.people import claims_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.access_tokens import Grant


class ProjectError(Exception):
    """What a claims function of a project may raise."""


def failing(user: Any, grant: Grant) -> dict[str, Any]:
    """A claims function that fails."""
    raise ProjectError


def greeting(user: Any, grant: Grant) -> dict[str, Any]:
    """A claims function that speaks of the user and of the grant."""
    return {"greeting": user.get_username(), "client": grant.client_id}


def returning(value: Any) -> Callable[[Any, Grant], Any]:
    """A claims function that returns one value."""
    return lambda *_: value


def nested(depth: int) -> dict[str, Any]:
    """Objects inside one another."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def circular() -> dict[str, Any]:
    """A value that holds itself."""
    value: dict[str, Any] = {}
    value["self"] = value
    return value


IMPOSSIBLE = {
    "a list": [("a", 1)],
    "a string": "admin",
    "a number": 7,
    "nothing": None,
    "an object": {"x": object()},
    "a set": {"x": {1}},
    "bytes": {"x": b""},
    "a date": {"x": datetime(2030, 1, 1, tzinfo=UTC)},
    "not a number": {"x": float("nan")},
    "infinity": {"x": float("inf")},
    "a huge integer": {"x": 10**5000},
    "half a character": {"x": "\ud800"},
    "half a character in a name": {"\ud800": 1},
    "one name twice": {1: "a", "1": "b"},
    "a name of another type": {(1, 2): "a"},
    "itself": circular(),
    "too deep": nested(64),
    "far too deep": nested(5000),
    "too long": {"x": "a" * 70_000},
}


@pytest.mark.parametrize("value", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_impossible_claims_are_a_clear_error_and_nothing_is_written(
    user: Any, settings: Any, value: object
) -> None:
    """The error names the setting; the refresh token is as good as before, and no session begins."""
    pair = start_session(user)
    before = TokenFamily.objects.values().get()
    settings.JOTPASS = {"CLAIMS": returning(value)}
    with pytest.raises(ImproperlyConfigured, match="CLAIMS"):
        rotate_refresh_token(pair.refresh)
    with pytest.raises(ImproperlyConfigured, match="CLAIMS"):
        start_session(user)
    assert TokenFamily.objects.values().get() == before
    assert Session.objects.count() == 1
    settings.JOTPASS = {}
    assert rotate_refresh_token(pair.refresh).pair is not None


@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS))
def test_claims_of_the_protocol_cannot_be_set(user: Any, settings: Any, name: str) -> None:
    """Not even with the value that they have anyway: the protocol speaks through these."""
    pair = start_session(user)
    settings.JOTPASS = {"CLAIMS": returning({name: claims_of(pair.access).get(name, "x"), "mine": 1})}
    with pytest.raises(ImproperlyConfigured, match=name):
        rotate_refresh_token(pair.refresh)
    assert TokenFamily.objects.get().generation == 1


def test_an_error_of_the_claims_function_is_the_projects_own(user: Any, settings: Any) -> None:
    """It goes through as it is, before anything is written."""
    pair = start_session(user)
    before = TokenFamily.objects.values().get()
    settings.JOTPASS = {"CLAIMS": failing}
    with pytest.raises(ProjectError):
        rotate_refresh_token(pair.refresh)
    with pytest.raises(ProjectError):
        start_session(user)
    assert TokenFamily.objects.values().get() == before
    assert Session.objects.count() == 1


def test_the_claims_function_runs_at_every_issue(user: Any, settings: Any) -> None:
    """At sign-in, at a refresh and at a repeated answer, with the user as the database has it then."""
    settings.JOTPASS = {"CLAIMS": greeting}
    pair = start_session(user)
    name = user.get_username()
    assert claims_of(pair.access)["greeting"] == name
    assert claims_of(pair.access)["client"] == "first-party"
    type(user).objects.update(**{user.USERNAME_FIELD: "renamed@example.org"})
    for _ in range(2):
        rotated = rotate_refresh_token(pair.refresh).pair
        assert rotated is not None
        assert claims_of(rotated.access)["greeting"] == "renamed@example.org"


def test_the_refresh_token_carries_no_claim_of_the_project(user: Any, settings: Any) -> None:
    """Only the access token is read by others."""
    settings.JOTPASS = {"CLAIMS": greeting}
    assert "greeting" not in claims_of(start_session(user).refresh)


@pytest.mark.parametrize("value", [{}, MappingProxyType({"x": 1}), {"x": {"y": [1, None, "é"]}}], ids=repr)
def test_any_mapping_of_json_will_do(user: Any, settings: Any, value: Any) -> None:
    """Empty, read-only, nested."""
    settings.JOTPASS = {"CLAIMS": returning(value)}
    claims = claims_of(start_session(user).access)
    assert {name: claims[name] for name in value} == value


def test_a_pair_shows_no_token() -> None:
    """Printed or logged by mistake, it gives nothing away."""
    pair = TokenPair("the-access-token", "the-refresh-token", 300, 86400, "sid", "body")
    assert "token" not in repr(pair).replace("TokenPair", "")
