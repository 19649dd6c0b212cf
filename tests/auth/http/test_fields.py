"""The members of a request: strings are strings, bounded, and hold what a database can."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.http.contract import Api, check_refusal

NO_STRINGS = [0, 1, -1.5, 10**40, True, False, [], ["a"], {}, {"a": "b"}, [[["a"]]]]
FIELDS = [
    ("token/", "username"),
    ("token/", "password"),
    ("token/", "client_id"),
    ("token/refresh/", "refresh"),
    ("token/verify/", "token"),
    ("token/revoke/", "token"),
    ("logout/", "refresh"),
    ("session/reauthenticate/", "password"),
]
GOOD: dict[str, dict[str, Any]] = {
    "token/": {"username": "vitor@example.org", "password": "x"},
    "token/refresh/": {"refresh": "x"},
    "token/verify/": {"token": "x"},
    "token/revoke/": {"token": "x"},
    "logout/": {},
    "session/reauthenticate/": {"password": "x"},
}


def _malformed(api: Api, pair: dict[str, Any], path: str, field: str, value: object) -> None:
    answer = api.post(path, GOOD[path] | {field: value}, bearer=pair["access"])
    body = check_refusal(answer, "malformed_request")
    assert body["errors"].keys() == {field}


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_what_is_no_string_is_400(api: Api, pair: dict[str, Any], path: str, field: str) -> None:
    """A number, a boolean, an array or an object is never turned into a string."""
    for value in NO_STRINGS:
        _malformed(api, pair, path, field, value)


@pytest.mark.parametrize(("path", "field"), [field for field in FIELDS if field != ("logout/", "refresh")])
def test_null_is_400(api: Api, pair: dict[str, Any], path: str, field: str) -> None:
    """`null` is no string."""
    _malformed(api, pair, path, field, None)


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("token/", "username", ""),
        ("token/", "password", ""),
        ("token/", "username", "x" * 255),
        ("token/", "password", "x" * 4097),
        ("token/", "client_id", "x" * 101),
        ("token/", "username", "a\x00b"),
        ("token/", "password", "a\x00b"),
        ("token/", "client_id", "a\x00b"),
        ("token/refresh/", "refresh", ""),
        ("token/verify/", "token", ""),
        ("session/reauthenticate/", "password", "x" * 4097),
        ("session/reauthenticate/", "password", "a\x00b"),
    ],
)
def test_empty_overlong_and_nul(api: Api, pair: dict[str, Any], path: str, field: str, value: str) -> None:
    """What cannot be a name or a password is 400 at its field, and no password is hashed for it."""
    _malformed(api, pair, path, field, value)


@pytest.mark.parametrize(
    "username", ["x" * 254, "\ufdfa" * 254, "\u202e", "👩‍🚀", "%", "'; --", "\x7f\x1b", " ", "\ufeff"]
)
def test_strange_names_are_nobody(api: Api, transactional_db: None, username: str) -> None:
    """A name that nobody has is 401, however strange it is."""
    check_refusal(api.post("token/", {"username": username, "password": "x"}), "no_active_account")


def test_a_password_is_taken_as_it_is(api: Api, person: Any) -> None:
    """Blanks at the ends of a password belong to it."""
    person.set_password("  pass  word ")
    person.save()
    name = person.get_username()
    assert api.post("token/", {"username": name, "password": "  pass  word "}).status_code == 200
    check_refusal(api.post("token/", {"username": name, "password": "pass  word"}), "no_active_account")


def test_every_field_at_fault_is_named(api: Api) -> None:
    """All faults are told at once."""
    body = check_refusal(api.post("token/", {"username": 1, "password": None, "client_id": []}))
    assert body["errors"].keys() == {"username", "password", "client_id"}


def test_secrets_are_not_said_back(api: Api, pair: dict[str, Any]) -> None:
    """No answer to a malformed request repeats what was sent."""
    for path, field in FIELDS:
        answer = api.post(path, GOOD[path] | {field: ["hunter2"]}, bearer=pair["access"])
        assert b"hunter2" not in answer.content
