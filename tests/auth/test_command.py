"""`manage.py jotpass sessions | flush | check`."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.sessions import end_session, start_session
from tests.auth.people import request_from

if TYPE_CHECKING:
    from collections.abc import Callable


def run(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("jotpass", *words, stdout=out, no_color=True)
    return out.getvalue()


def listed(*words: str) -> list[str]:
    """The sids that it lists."""
    return [row["sid"] for row in json.loads(run("sessions", "--json", *words))]


def test_sessions_are_listed(user: Any) -> None:
    """As a table with a heading, or as JSON with the same columns; nothing secret in either."""
    assert run("sessions").strip() == "Nobody is signed in."
    assert json.loads(run("sessions", "--json")) == []
    pair = start_session(user, request_from("192.0.2.1", "Mozilla/5.0"))
    heading, line = run("sessions").splitlines()
    assert heading.split()[:2] == ["sid", "user"]
    for text in (pair.session_id, user.get_username(), "Mozilla/5.0", "192.0.2.1", "live"):
        assert text in line
    (row,) = json.loads(run("sessions", "--json"))
    assert (row["sid"], row["user"], row["state"]) == (pair.session_id, user.get_username(), "live")
    session, family = Session.objects.get(), TokenFamily.objects.get()
    for secret in (session.auth_hash, family.random_value, user.password):
        assert secret not in run("sessions", "--all") + run("sessions", "--all", "--json")


def test_a_table_gives_no_orders_to_a_terminal(user: Any) -> None:
    """Neither a label nor a user name that was stored by other means: each odd character is replaced."""
    start_session(user, request_from("192.0.2.1"))
    Session.objects.update(label="\x1b[2Jgone\n\u202e")
    setattr(user, user.USERNAME_FIELD, "vi\x1b]0;tor")
    user.save()
    heading, line = run("sessions").splitlines()
    assert heading.isprintable()
    assert line.isprintable()
    assert "\ufffd[2Jgone\ufffd\ufffd" in line
    assert "vi\ufffd]0;tor" in line
    (row,) = json.loads(run("sessions", "--json"))
    assert row["device"] == "\x1b[2Jgone\n\u202e"


def test_a_list_may_be_narrowed(user: Any, make_user: Callable[[str], Any]) -> None:
    """To one person, to so many, newest first; or widened to those that ended."""
    other = make_user("ada")
    pairs = [start_session(user), start_session(other), start_session(user)]
    sids = [pair.session_id for pair in pairs]
    assert listed() == sids[::-1]
    assert listed("--user", other.get_username()) == [sids[1]]
    assert listed("--limit", "1") == [sids[2]]
    end_session(sids[2])
    assert listed() == [sids[1], sids[0]]
    assert listed("--all") == sids[::-1]
    assert "revoked (signed_out)" in run("sessions", "--all")


def test_one_session_is_revoked(user: Any) -> None:
    """By its sid; a second time there is none."""
    pair, other = start_session(user), start_session(user)
    assert run("sessions", "--revoke", pair.session_id).strip() == "1 session revoked."
    assert listed() == [other.session_id]
    assert Revocation.objects.get().key == pair.session_id
    for sid in (pair.session_id, "nonsense", "01890a5d-ac96-774b-bcce-b302099a8057"):
        with pytest.raises(CommandError, match="No live session"):
            run("sessions", "--revoke", sid)


def test_revoking_one_session_is_for_no_user(user: Any, make_user: Callable[[str], Any]) -> None:
    """A sid beside a user is refused, and neither is acted on."""
    pair = start_session(user)
    other = make_user("ada")
    with pytest.raises(CommandError, match="--user"):
        run("sessions", "--revoke", pair.session_id, "--user", other.get_username())
    assert listed() == [pair.session_id]


def test_a_persons_sessions_are_revoked(user: Any, make_user: Callable[[str], Any]) -> None:
    """All of them, and nobody else's."""
    other = start_session(make_user("ada"))
    start_session(user)
    start_session(user)
    assert run("sessions", "--revoke-all", "--user", user.get_username()).strip() == "2 sessions revoked."
    assert listed() == [other.session_id]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sessions", "--revoke-all"], "--user"),
        (["sessions", "--user", "nobody"], "No such user"),
        (["sessions", "--limit", "0"], "--limit"),
        (["sessions", "--limit=-1"], "--limit"),
        (["sessions", "--limit", "many"], "--limit"),
        (["sessions", "--revoke", "x", "--user", "vitor"], "--user"),
        (["sessions", "--revoke", "x", "--revoke-all"], "--revoke-all"),
        (["flush", "--batch", "0"], "--batch"),
        (["everything"], "everything"),
        ([], "subcommand"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(db: None, words: list[str], says: str) -> None:
    """With a sentence."""
    with pytest.raises(CommandError, match=says):
        run(*words)


def test_flushing(user: Any) -> None:
    """Counts, or deletes and tells how far it is."""
    for _ in range(3):
        start_session(user)
    Session.objects.update(expires_at=Now() - timedelta(days=1))
    assert run("flush", "--dry-run").strip() == "3 sessions and 0 revocations can be deleted."
    assert Session.objects.count() == 3
    assert run("flush", "--batch", "2").splitlines() == [
        "2 of 3 rows deleted",
        "3 of 3 rows deleted",
        "3 sessions and 0 revocations deleted.",
    ]
    assert not Session.objects.exists()


def test_checking(user: Any, settings: Any) -> None:
    """The checks of Jotpass and what is in the tables; errors end it with a failure."""
    settings.JOTPASS = {"ISSUER": "https://id.example", "AUDIENCE": "https://api.example"}
    start_session(user)
    assert run("check").strip() == "1 live sessions, 0 rows to flush."
    assert json.loads(run("check", "--json")) == {"live_sessions": 1, "flushable": 0, "messages": []}
    settings.JOTPASS = {}
    assert "jotpass.W001" in run("check")
    settings.JOTPASS = {"LEEWAY": -1}
    with pytest.raises(CommandError):
        run("check")
