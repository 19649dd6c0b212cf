"""How long a sign-in lasts: the settings, or what the project's callable decides, for this sign-in alone."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured

from jotpass.auth import errors
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.lifetimes import Lifetimes
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.revocation import revoke_family, revoke_session
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import reauthenticate_session, start_session
from jotpass.auth.uuid7 import parse_uuid
from tests.auth.people import claims_of, request_from

if TYPE_CHECKING:
    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
REMEMBERED = Lifetimes(access=HOUR, refresh=30 * DAY, session=90 * DAY)


def remembering(user: Any, request: Any, *, client_id: str, remember_me: bool) -> Lifetimes | None:
    """Long for who asks for it, short for a kiosk, the settings for everybody else."""
    if client_id == "kiosk":
        return Lifetimes(access=timedelta(minutes=1), session=HOUR)
    return REMEMBERED if remember_me else None


@pytest.fixture
def _remembering(settings: Any) -> None:
    settings.JOTPASS = {"LIFETIMES": remembering, "CLIENTS": ["first-party", "kiosk"]}


def lives(token: str) -> float:
    """How many seconds an access token lives."""
    claims = claims_of(token)
    return float(claims["exp"] - claims["iat"])


def idle_for() -> timedelta:
    """How long the one family may be idle, counted from its last rotation."""
    family = TokenFamily.objects.get()
    return family.idle_expires_at - family.rotated_at.replace(microsecond=0)


@pytest.mark.usefixtures("_remembering")
def test_a_remembered_sign_in_keeps_its_lifetimes(user: Any, database_clock: DatabaseClock) -> None:
    """At sign-in, at every refresh and after authenticating again."""
    pair = start_session(user, remember_me=True)
    session = Session.objects.get()
    assert session.expires_at - session.created_at == 90 * DAY
    for days in range(3):
        assert lives(pair.access) == pair.expires_in == HOUR.total_seconds()
        assert idle_for() == 30 * DAY, days
        database_clock.advance(29 * DAY)
        rotated = rotate_refresh_token(pair.refresh).pair
        assert rotated is not None
        pair = rotated
        if days == 1:
            break
    again = reauthenticate_session(verify_access_token(pair.access, token_policy(), now=time.time()))
    assert lives(again.access) == HOUR.total_seconds()
    database_clock.advance(33 * DAY)
    assert rotate_refresh_token(again.refresh).outcome is Outcome.EXPIRED


@pytest.mark.usefixtures("_remembering")
def test_a_client_may_have_lifetimes_of_its_own(user: Any) -> None:
    """What is left out is the setting; no token outlives the session."""
    pair = start_session(user, client_id="kiosk")
    assert lives(pair.access) == 60
    assert idle_for() <= HOUR
    assert Session.objects.get().expires_at - Session.objects.get().created_at == HOUR


@pytest.mark.usefixtures("_remembering")
def test_who_wants_nothing_gets_the_settings(user: Any) -> None:
    """None is returned for them, and the row stores nothing: a changed setting holds at the next refresh."""
    pair = start_session(user)
    assert lives(pair.access) == 300
    assert idle_for() == DAY
    assert TokenFamily.objects.filter(access_lifetime=None, refresh_lifetime=None).count() == 1


def test_without_the_setting_a_wish_changes_nothing(user: Any, settings: Any) -> None:
    """The person's wish is nobody's decision; and the settings of the moment hold."""
    pair = start_session(user, remember_me=True)
    assert lives(pair.access) == 300
    settings.JOTPASS = {"ACCESS_TOKEN_LIFETIME": 60, "REFRESH_TOKEN_LIFETIME": HOUR}
    rotated = rotate_refresh_token(pair.refresh).pair
    assert rotated is not None
    assert lives(rotated.access) == 60
    assert idle_for() == HOUR


def test_the_callable_is_handed_the_sign_in(user: Any, settings: Any) -> None:
    """Once, at sign-in: the user, the request, the client and the wish."""
    seen: list[Any] = []

    def decide(*sign_in: Any, **wishes: Any) -> None:
        seen.append((sign_in, wishes))

    settings.JOTPASS = {"LIFETIMES": decide}
    request = request_from("192.0.2.1")
    pair = start_session(user, request, remember_me=True)
    rotate_refresh_token(pair.refresh)
    assert seen == [((user, request), {"client_id": "first-party", "remember_me": True})]


@pytest.mark.parametrize("value", [HOUR, {"access": HOUR}, (HOUR, HOUR, HOUR), True, 3600], ids=repr)
def test_another_answer_is_a_clear_error(user: Any, settings: Any, value: Any) -> None:
    """Before anything is written."""
    settings.JOTPASS = {"LIFETIMES": lambda *_, **__: value}
    with pytest.raises(ImproperlyConfigured, match="LIFETIMES"):
        start_session(user)
    assert not Session.objects.exists()


@pytest.mark.parametrize("name", ["access", "refresh", "session"])
@pytest.mark.parametrize("value", [0, -1, "1h", True, timedelta.max, float("nan"), timedelta(0)], ids=repr)
def test_a_lifetime_that_is_none_is_refused(name: str, value: Any) -> None:
    """As it would be in the settings, by its name."""
    with pytest.raises(ValueError, match=name):
        Lifetimes(**{name: value})


def test_seconds_are_a_duration() -> None:
    """As in the settings."""
    assert Lifetimes(access=90) == Lifetimes(access=timedelta(seconds=90))  # type: ignore[arg-type]


@pytest.mark.usefixtures("_remembering")
@pytest.mark.parametrize("by", ["family", "session", "deletion"])
def test_a_record_outlives_the_longest_access_token(user: Any, by: str) -> None:
    """A refresh that wins just before the revocation may issue one more, with the lifetime of its family."""
    pair = start_session(user, remember_me=True)
    TokenFamily.objects.update(access_expires_at="2001-01-01T00:00:00Z")
    if by == "family":
        revoke_family(TokenFamily.objects.get().fid, reason="because")
    elif by == "session":
        sid = parse_uuid(pair.session_id)
        assert sid is not None
        revoke_session(sid, reason="because")
    else:
        Session.objects.get().delete()
    record = Revocation.objects.get()
    assert record.until - record.recorded_at >= HOUR + timedelta(seconds=60)


# --- clocks that differ -------------------------------------------------------------------------------------


def works(pair: TokenPair) -> bool:
    """Whether the access token is accepted here and now."""
    try:
        authenticate_access_token(pair.access)
    except errors.CredentialError:
        return False
    return True


@pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["behind", "ahead"])
@pytest.mark.parametrize("seconds", [60, 1800, 14 * DAY.total_seconds()], ids=str)
def test_a_session_lasts_as_long_on_a_server_with_a_wrong_clock(
    user: Any, settings: Any, off: timedelta, seconds: float
) -> None:
    """It is stamped by the database, which judges it; the pair works there, and is refreshed anywhere."""
    settings.JOTPASS = {"SESSION_LIFETIME": seconds}
    before = start_session(user)
    with time_machine.travel(time.time() + off.total_seconds(), tick=True):
        pair = start_session(user)
        assert works(pair)
    right, wrong = Session.objects.get(sid=before.session_id), Session.objects.get(sid=pair.session_id)
    assert timedelta(0) <= wrong.created_at - right.created_at < timedelta(minutes=5)
    assert abs(wrong.expires_at - wrong.created_at - timedelta(seconds=seconds)) < timedelta(seconds=1)
    assert claims_of(pair.access)["auth_time"] == int(wrong.created_at.timestamp())
    rotated = rotate_refresh_token(pair.refresh)
    assert rotated.outcome is Outcome.ROTATED
    assert rotated.pair is not None
    assert works(rotated.pair)
    with time_machine.travel(time.time() + off.total_seconds(), tick=True):
        again = rotate_refresh_token(rotated.pair.refresh)
        assert again.pair is not None
        assert works(again.pair)


@pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["behind", "ahead"])
def test_an_access_token_ends_with_its_session_on_any_clock(
    user: Any, settings: Any, database_clock: DatabaseClock, off: timedelta
) -> None:
    """What is left of the session is a distance; both clocks run alike."""
    settings.JOTPASS = {"SESSION_LIFETIME": 100}
    database_clock.shift(off)
    pair = start_session(user)
    assert 98 <= pair.expires_in <= 100
    database_clock.advance(timedelta(seconds=40))
    rotated = rotate_refresh_token(pair.refresh).pair
    assert rotated is not None
    assert 50 <= rotated.expires_in <= 60
