"""Scope at sign-in (RFC 6749 s3.3): what may be asked for, what is given, and that it stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from jotpass import jose
from jotpass.auth.sessions import start_session
from tests.auth.http.contract import PASSWORD, Api, check_refusal, read


def sign_in(api: Api, person: Any, **fields: object) -> Any:
    """Answer a sign-in."""
    return api.post("token/", {"username": person.get_username(), "password": PASSWORD} | fields)


def scope_of(token: str) -> object:
    """The claim `scope`, None when there is none."""
    return jose.peek_unverified(token).claims.get("scope")


def by_role(user: Any, client_id: str, asked: frozenset[str]) -> list[str]:
    """A rule: everybody may read, staff get what they ask for, and the batch client a scope of its own."""
    granted = sorted(asked if user.is_staff else asked & {"read"})
    return [*granted, "batch"] if client_id == "batch" else granted


def test_what_is_listed_may_be_asked_for(api: Api, person: Any, settings: Any) -> None:
    """The answer names what was granted, the access token carries it, and so does every later one."""
    settings.JOTPASS = {"SCOPES": ["read", "write", "admin"]}
    pair = read(sign_in(api, person, scope="write read write"))
    assert pair["scope"] == scope_of(pair["access"]) == "write read"
    fresh = api.refresh(pair)
    assert fresh["scope"] == scope_of(fresh["access"]) == "write read"
    again = read(api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=fresh["access"]))
    assert again["scope"] == scope_of(again["access"]) == "write read"


def test_who_asks_for_nothing_gets_nothing(api: Api, person: Any, settings: Any) -> None:
    """Without a rule there is no scope by default."""
    settings.JOTPASS = {"SCOPES": ["read"]}
    for fields in ({}, {"scope": ""}):
        pair = read(sign_in(api, person, **fields))
        assert "scope" not in pair
        assert scope_of(pair["access"]) is None


@pytest.mark.parametrize(
    "scope",
    [
        "other",
        "read other",
        " read",
        "read ",
        "read  read",
        're"ad',
        "re\\ad",
        "re\nad",
        "é",
        "x" * 1001,
        7,
        None,
        [],
    ],
)
def test_what_is_not_listed_is_malformed(api: Api, person: Any, settings: Any, scope: object) -> None:
    """400 at that field, and the password is not even tried."""
    settings.JOTPASS = {"SCOPES": ["read"]}
    body = {"username": person.get_username(), "password": "wrong", "scope": scope}
    assert check_refusal(api.post("token/", body), "malformed_request")["errors"].keys() == {"scope"}


def test_without_the_setting_nothing_may_be_asked_for(api: Api, person: Any) -> None:
    """A project that knows no scopes grants none."""
    answer = sign_in(api, person, scope="read")
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"scope"}


def test_a_rule_decides_by_user_and_client(api: Api, person: Any, settings: Any) -> None:
    """It may give less than was asked for, or more."""
    settings.JOTPASS = {"SCOPES": by_role, "CLIENTS": ["first-party", "batch"]}
    assert read(sign_in(api, person, scope="write read"))["scope"] == "read"
    assert read(sign_in(api, person, client_id="batch"))["scope"] == "batch"
    assert "scope" not in read(sign_in(api, person))
    person.is_staff = True
    person.save()
    assert read(sign_in(api, person, scope="write read"))["scope"] == "read write"


def test_a_rule_that_gives_nothing_of_what_was_asked_refuses(api: Api, person: Any, settings: Any) -> None:
    """An answer without a scope would look like one with all of it (RFC 6749 s5.2: `invalid_scope`)."""
    settings.JOTPASS = {"SCOPES": by_role}
    answer = sign_in(api, person, scope="write")
    assert check_refusal(answer, "malformed_request")["errors"] == {"scope": ["Unknown scope."]}


@pytest.mark.parametrize("returned", ["read", ["two words"], [1, "\n"], None])
def test_a_rule_that_returns_no_scopes_is_a_mistake(
    api: Api, person: Any, settings: Any, returned: object
) -> None:
    """The project hears of it; the client gets no token."""
    settings.JOTPASS = {"SCOPES": lambda *_: returned}
    with pytest.raises(ImproperlyConfigured, match="SCOPES"):
        sign_in(api, person)


def test_the_project_itself_may_grant_anything(person: Any) -> None:
    """`start_session` is not a client that asks."""
    assert scope_of(start_session(person, scope="one two").access) == "one two"
    with pytest.raises(ValueError, match="scope"):
        start_session(person, scope="one\ttwo")
