"""Start, list, re-authenticate and end sessions."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from jotpass import auth
from jotpass.auth import errors, sessions
from jotpass.auth.access_tokens import AccessToken, verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, live_sessions, reauthenticate_session, start_session
from tests.auth.people import claims_of, request_from
from tests.auth.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.events import Event
    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock


def access_token_of(pair: TokenPair) -> AccessToken:
    """The verified access token of a pair."""
    return verify_access_token(pair.access, token_policy(), now=time.time())


# --- start --------------------------------------------------------------------------------------------------


def test_a_session_remembers_who_how_and_where(user: Any, settings: Any) -> None:
    """One row for the authentication, one for what its client holds; neither token is in them."""
    settings.JOTPASS = {"CLIENTS": ["first-party", "ios"], "SESSION_LIFETIME": 3600}
    pair = start_session(
        user, request_from("192.0.2.1", "Owner/1"), client_id="ios", amr=["pwd", "otp"], acr="silver"
    )
    session, family = Session.objects.get(), TokenFamily.objects.get()
    assert session.user == user
    assert (session.amr, session.acr) == (["pwd", "otp"], "silver")
    assert (session.user_agent, session.address) == ("Owner/1", "192.0.2.1")
    assert session.expires_at - session.auth_time == timedelta(hours=1)
    assert session.revoked_at is None
    assert family.session == session
    assert (family.client_id, family.transport, family.generation, family.parent) == ("ios", "body", 1, 0)
    assert (pair.session_id, pair.transport) == (str(session.sid), "body")
    stored = str(Session.objects.values().get()) + str(TokenFamily.objects.values().get())
    for token in (pair.access, pair.refresh):
        for segment in token.split("."):
            assert segment not in stored


def test_the_tokens_say_the_same_as_the_rows(user: Any) -> None:
    """`sub`, `sid`, `fid`, `auth_time`, and the seconds until the access token ends."""
    pair = start_session(user)
    claims = claims_of(pair.access)
    session, family = Session.objects.get(), TokenFamily.objects.get()
    assert claims["sub"] == str(user.pk)
    assert claims["sid"] == str(session.sid)
    assert claims["fid"] == str(family.fid)
    assert claims["auth_time"] == int(session.auth_time.timestamp())
    assert pair.expires_in == claims["exp"] - claims["iat"] == 300
    assert claims_of(pair.refresh)["fid"] == family.fid.hex
    assert claims_of(pair.refresh)["exp"] == family.idle_expires_at.timestamp()


def test_it_takes_two_statements(user: Any) -> None:
    """One INSERT each: with finding the user and writing `last_login`, a pair is four."""
    with statements() as said:
        start_session(user)
    assert [statement.split()[0] for statement in said] == ["INSERT", "INSERT"]


def test_every_family_has_a_random_value_of_its_own(user: Any) -> None:
    """128 bits that no other row and no key tells."""
    for _ in range(20):
        start_session(user)
    values = set(TokenFamily.objects.values_list("random_value", flat=True))
    assert len(values) == 20
    assert {len(value) for value in values} == {22}


@pytest.mark.parametrize("change", [{"is_active": False}, {"pk": None}], ids=str)
def test_who_is_no_active_account_is_refused(user: Any, change: dict[str, Any]) -> None:
    """Inactive, or not saved; nothing is written, and the transaction around it goes on."""
    for name, value in change.items():
        setattr(user, name, value)
    with transaction.atomic(), pytest.raises(errors.NoActiveAccount):
        start_session(user)
    assert not Session.objects.exists()


def test_nobody_is_refused() -> None:
    """Django's anonymous user cannot sign in."""
    with pytest.raises(errors.NoActiveAccount):
        start_session(AnonymousUser())


@pytest.mark.django_db(transaction=True)
def test_a_deleted_user_is_refused(user: Any, events: list[Event]) -> None:
    """Deleted between the check of the password and the session: no rows, no event."""
    get_user_model().objects.filter(pk=user.pk).delete()
    with pytest.raises(errors.NoActiveAccount):
        start_session(user)
    assert not Session.objects.exists()
    assert not TokenFamily.objects.exists()
    assert not events


@pytest.mark.parametrize("client_id", ["", "First-Party", "first-party ", "x" * 5000, None, [], 7], ids=repr)
def test_an_unknown_client_is_refused(user: Any, client_id: Any) -> None:
    """Compared exactly with the setting CLIENTS."""
    with pytest.raises(ValueError, match="CLIENTS"):
        start_session(user, client_id=client_id)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"acr": "x" * 101}, ValueError),
        ({"acr": "silver\0"}, ValueError),
        ({"acr": "\ud800"}, ValueError),
        ({"amr": ["pwd", "otp\0"]}, ValueError),
        ({"amr": ["pwd\ud800"]}, ValueError),
        ({"amr": ["pwd", 7]}, TypeError),
        ({"amr": "pwd"}, TypeError),
    ],
)
@pytest.mark.parametrize("again", [False, True], ids=["sign in", "authenticate again"])
def test_what_no_column_can_hold_is_refused(
    user: Any, wish: dict[str, Any], refusal: type[Exception], *, again: bool
) -> None:
    """Before anything is read or written, and the error says which argument it is."""
    access_token = access_token_of(start_session(user))
    start: Any = partial(reauthenticate_session, access_token) if again else partial(start_session, user)
    (name,) = wish
    with statements() as run, pytest.raises(refusal, match=name):
        start(**wish)
    assert not run
    assert Session.objects.get().acr == ""


@pytest.mark.parametrize("acr", ["x" * 100, "urn:mace:incommon:iap:silver", "\N{SNOWMAN}" * 100])
def test_the_longest_context_is_kept(user: Any, acr: str) -> None:
    """In the row and in the token."""
    pair = start_session(user, acr=acr)
    assert Session.objects.get().acr == claims_of(pair.access)["acr"] == acr


def test_a_session_without_a_request(user: Any) -> None:
    """Started by a program: no device is known."""
    start_session(user)
    session = Session.objects.get()
    assert (session.user_agent, session.address) == ("", None)


@pytest.mark.parametrize(
    ("address", "kept"),
    [("2001:db8::1", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"), ("", None), ("unix:/run/x", None)],
)
def test_any_address_can_be_stored(user: Any, address: str, kept: str | None) -> None:
    """IPv6, a scoped one, a socket without one."""
    start_session(user, request_from(address, "\x00\ud800 \U0001f600" + "x" * 10_000))
    session = Session.objects.get()
    assert session.address == kept
    assert session.user_agent == "\ufffd\ufffd \U0001f600" + "x" * 296


@pytest.mark.django_db(transaction=True)
def test_signing_in_is_an_event(user: Any, events: list[Event]) -> None:
    """After commit, with the person, the session, the family and the device."""
    with transaction.atomic():
        pair = start_session(user, request_from("192.0.2.1", "Owner/1"))
        assert not events
    (event,) = events
    assert (event.name, event.user_id, event.session_id) == ("signed_in", str(user.pk), pair.session_id)
    assert event.family_id == claims_of(pair.access)["fid"]
    assert event.device.address == "192.0.2.1"


# --- list ---------------------------------------------------------------------------------------------------


def test_live_sessions_are_listed_newest_first(
    user: Any, make_user: Callable[[str], Any], database_clock: DatabaseClock
) -> None:
    """One's own, with the moment of the last use; neither ended nor revoked ones, nor whose family ended."""
    start_session(make_user("ada"))
    pairs = [start_session(user) for _ in range(5)]
    sids = [UUID(pair.session_id) for pair in pairs]
    end_session(sids[0])
    Session.objects.filter(sid=sids[1]).update(expires_at=datetime(2001, 1, 1, tzinfo=UTC))
    TokenFamily.objects.filter(session=sids[2]).update(revoked_at=datetime.now(UTC))
    database_clock.advance(timedelta(minutes=10))
    rotate_refresh_token(pairs[3].refresh)
    listed = list(live_sessions(user))
    assert [session.sid for session in listed] == [sids[4], sids[3]]
    assert list(live_sessions(user.pk)) == listed
    newer, older = listed
    used = [session.last_used_at for session in (newer, older)]  # type: ignore[attr-defined]
    assert used[1] - used[0] > timedelta(minutes=9)
    database_clock.advance(timedelta(hours=25))
    assert not live_sessions(user)


# --- re-authenticate ----------------------------------------------------------------------------------------


def test_authenticating_again_renews_the_moment(
    user: Any, transactional_db: None, database_clock: DatabaseClock, events: list[Event]
) -> None:
    """The same session and family, a new `auth_time` and a new pair; the old refresh token is its parent."""
    pair = start_session(user)
    database_clock.advance(timedelta(seconds=30))
    again = reauthenticate_session(access_token_of(pair), amr=["otp"])
    assert again.session_id == pair.session_id
    assert claims_of(again.access)["fid"] == claims_of(pair.access)["fid"]
    assert claims_of(again.access)["auth_time"] - claims_of(pair.access)["auth_time"] in {30, 31}
    session = Session.objects.get()
    assert (int(session.auth_time.timestamp()), session.amr) == (
        claims_of(again.access)["auth_time"],
        ["otp"],
    )
    assert events[-1].name == "reauthenticated"
    rotated = rotate_refresh_token(again.refresh)
    assert rotated.outcome is Outcome.ROTATED
    assert rotated.pair is not None
    assert claims_of(rotated.pair.access)["auth_time"] == claims_of(again.access)["auth_time"]
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.REUSED


def test_an_ended_session_cannot_be_renewed(user: Any, database_clock: DatabaseClock) -> None:
    """Revoked, gone, or past its end."""
    tokens = [access_token_of(start_session(user)) for _ in range(3)]
    end_session(tokens[0].session_id)
    Session.objects.filter(sid=tokens[1].session_id).delete()
    for token in tokens[:2]:
        with pytest.raises(errors.TokenRevoked):
            reauthenticate_session(token)
    database_clock.advance(timedelta(days=15))
    with pytest.raises(errors.TokenRevoked):
        reauthenticate_session(tokens[2])


def test_a_renewal_that_never_wins_writes_nothing(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many racers: come again."""
    token = access_token_of(start_session(user))
    before = Session.objects.values().get()
    monkeypatch.setattr(sessions, "advance", lambda *_: False)
    with pytest.raises(errors.ServiceUnavailable):
        reauthenticate_session(token)
    assert Session.objects.values().get() == before


@pytest.mark.parametrize("family_id", ["", "x", "01890a5d-ac96-774b-bcce-b302099a8057"])
def test_an_unknown_family_cannot_be_renewed(db: None, family_id: str) -> None:
    """A token that we signed may name any."""
    with pytest.raises(errors.TokenRevoked):
        reauthenticate_session(AccessToken({"sid": "01890a5d-ac96-774b-bcce-b302099a8056", "fid": family_id}))


# --- end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [str, UUID, lambda text: text.replace("-", "")], ids=["text", "UUID", "hex"])
def test_ending_a_session(user: Any, form: Callable[[str], Any]) -> None:
    """Once, by its `sid`; both tokens are dead, and other sessions are not."""
    pair, other = start_session(user), start_session(user)
    assert end_session(form(pair.session_id))
    assert not end_session(form(pair.session_id))
    with pytest.raises(errors.TokenRevoked):
        authenticate_access_token(pair.access)
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.REVOKED
    authenticate_access_token(other.access)
    assert Session.objects.get(sid=pair.session_id).revoked_reason == "signed_out"


# --- the Python API -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", auth.__all__)
def test_the_python_api_is_there(name: str) -> None:
    """Each name is found in its room, by attribute and by import; a twin is named as what it wraps."""
    assert callable(getattr(auth, name))
    assert getattr(auth, name).__name__ in {name, name.removeprefix("a")}


@pytest.mark.parametrize("name", ["no_such_name", "sessions_", "_ROOM"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match=name):
        getattr(auth, name)


def test_a_session_may_start_with_a_slow_clock(user: Any) -> None:
    """A server a minute behind or ahead of the database gives a pair that works."""
    for off in (-60, 60):
        with time_machine.travel(time.time() + off, tick=True):
            pair = start_session(user)
        assert rotate_refresh_token(pair.refresh).outcome is Outcome.ROTATED
        assert authenticate_access_token(pair.access).user == user
