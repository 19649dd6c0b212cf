"""GET sessions/, PATCH and DELETE sessions/{sid}/: a person's own sessions, and nobody else's."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from jotpass import jose
from jotpass.auth.models import Session
from tests.auth.http.contract import Api, check_refusal, create_person, read

FIELDS = {
    "sid",
    "current",
    "label",
    "device",
    "user_agent",
    "address",
    "auth_time",
    "created_at",
    "last_used_at",
    "expires_at",
}


def _sid(pair: dict[str, Any]) -> str:
    sid: str = jose.peek_unverified(pair["access"]).claims["sid"]
    return sid


def test_own_sessions_the_current_one_marked(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """The list holds the live sessions of this person, newest first; one of them is the current one."""
    newer = api.sign_in(person)
    api.sign_in(create_person("ada@example.org"))
    answer = api.get("sessions/", bearer=pair["access"])
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = read(answer)
    assert [(row["sid"], row["current"]) for row in body] == [(_sid(newer), False), (_sid(pair), True)]
    assert all(row.keys() == FIELDS for row in body)


def test_an_ended_session_is_not_listed(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """Signing out takes a session off the list."""
    other = api.sign_in(person)
    api.post("logout/", bearer=other["access"])
    assert [row["sid"] for row in read(api.get("sessions/", bearer=pair["access"]))] == [_sid(pair)]


def test_the_device_is_shown_as_it_came(api: Api, person: Any) -> None:
    """User agent and address are those of the sign-in, cut and cleaned."""
    body = {"username": person.get_username(), "password": "correct horse battery staple"}
    agent = "Mozilla/5.0 (\x1b[31m)" + "x" * 1000
    answer = api.post("token/", body, headers={"User-Agent": agent})
    (row,) = read(api.get("sessions/", bearer=read(answer)["access"]))
    assert row["user_agent"].startswith("Mozilla/5.0 (\N{REPLACEMENT CHARACTER}[31m)")
    assert len(row["user_agent"]) == 300
    assert row["address"] == "127.0.0.1"


def test_a_label_is_set(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """PATCH with a label answers the session with it, and the list shows it from then on."""
    other = api.sign_in(person)
    answer = api.call("PATCH", f"sessions/{_sid(other)}/", {"label": "Küche 🍳"}, bearer=pair["access"])
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = read(answer)
    assert body.keys() == FIELDS
    assert (body["label"], body["current"]) == ("Küche 🍳", False)
    listed = {row["sid"]: row["label"] for row in read(api.get("sessions/", bearer=pair["access"]))}
    assert listed == {_sid(other): "Küche 🍳", _sid(pair): ""}


def test_a_label_is_taken_off(api: Api, pair: dict[str, Any]) -> None:
    """An empty label is one: it takes the old one off."""
    for label in ("Desk", ""):
        answer = api.call("PATCH", f"sessions/{_sid(pair)}/", {"label": label}, bearer=pair["access"])
        assert read(answer)["label"] == label


@pytest.mark.parametrize(
    "label", [None, 1, True, [], {}, "x" * 101, "a\x00b", "a\x1b[31mb", "a\nb", "a\u202eb"]
)
def test_a_label_that_is_none(api: Api, pair: dict[str, Any], label: object) -> None:
    """A label that is no printable text of at most 100 characters is 400 and changes nothing."""
    answer = api.call("PATCH", f"sessions/{_sid(pair)}/", {"label": label}, bearer=pair["access"])
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"label"}
    assert Session.objects.get().label == ""


def test_nothing_but_the_label_is_changed(api: Api, pair: dict[str, Any]) -> None:
    """PATCH without a label is 400; other members beside it are ignored."""
    path = f"sessions/{_sid(pair)}/"
    check_refusal(api.call("PATCH", path, {"user_agent": "x"}, bearer=pair["access"]), "malformed_request")
    before = Session.objects.values().get()
    api.call("PATCH", path, {"label": "Desk", "user_agent": "x", "sid": "y"}, bearer=pair["access"])
    assert Session.objects.values().get() == before | {"label": "Desk"}


def test_a_session_is_ended(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """DELETE ends one session and no other; a second time it is unknown."""
    other = api.sign_in(person)
    answer = api.call("DELETE", f"sessions/{_sid(other)}/", bearer=pair["access"])
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer["Cache-Control"] == "no-store"
    assert not api.is_live(other)
    assert api.is_live(pair)
    again = api.call("DELETE", f"sessions/{_sid(other)}/", bearer=pair["access"])
    check_refusal(again, "session_unknown")


def test_the_own_session_may_be_ended(api: Api, pair: dict[str, Any]) -> None:
    """DELETE of the current session is a sign-out."""
    assert api.call("DELETE", f"sessions/{_sid(pair)}/", bearer=pair["access"]).status_code == 204
    check_refusal(api.get("sessions/", bearer=pair["access"]), "token_revoked")


def _spellings(sid: uuid.UUID) -> list[str]:
    return [
        str(sid).upper(),
        f"{{{sid}}}",
        f"urn:uuid:{sid}",
        f"{{{{{sid.hex}}}}}",
        f"----{sid.hex}",
        f"{sid.hex[:16]}----{sid.hex[16:]}",
        f"{sid}%20",
        f"{sid}%00",
    ]


GARBAGE = [
    "x",
    "%00",
    "None",
    "*",
    "..",
    "0",
    "%F0%9F%8D%B3",
    "%FF",
    str(uuid.UUID(int=0)),
    str(uuid.UUID(int=2**128 - 1)),
    "9" * 5000,
    "1_" * 18,
    "\u0661" * 32,
]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_garbage_names_no_session(api: Api, pair: dict[str, Any], method: str) -> None:
    """Whatever stands in the path, a session that is not there is 404 `session_unknown`."""
    for sid in GARBAGE:
        answer = api.call(method, f"sessions/{sid}/", {"label": "x"}, bearer=pair["access"])
        check_refusal(answer, "session_unknown")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_session_has_one_spelling(api: Api, pair: dict[str, Any], method: str) -> None:
    """The sid is compared as we write it: no other spelling of the same number is a name."""
    for spelling in _spellings(uuid.UUID(_sid(pair))):
        answer = api.call(method, f"sessions/{spelling}/", {"label": "x"}, bearer=pair["access"])
        check_refusal(answer, "session_unknown")
    assert api.is_live(pair)
    assert Session.objects.get().label == ""


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_the_session_of_somebody_else_is_unknown(api: Api, pair: dict[str, Any], method: str) -> None:
    """Another person's session gets the bytes of one that does not exist, and stays as it was."""
    somebody = api.sign_in(create_person("ada@example.org"))
    path = f"sessions/{_sid(somebody)}/"
    answer = api.call(method, path, {"label": "mine"}, bearer=pair["access"])
    check_refusal(answer, "session_unknown")
    nobody = api.call(method, f"sessions/{uuid.uuid4()}/", {"label": "mine"}, bearer=pair["access"])
    assert answer.content == nobody.content
    assert api.is_live(somebody)
    assert not Session.objects.filter(label="mine").exists()
