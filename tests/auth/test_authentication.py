"""From an access token to a user: what each mode asks, whom it refuses, and how many statements it takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken, verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.policy import token_policy
from jotpass.auth.revocation import feed, revoke_session, revoke_token
from jotpass.auth.sessions import end_session, start_session
from tests.auth.people import PASSWORD, claims_of
from tests.auth.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.token_pair import TokenPair
    from tests.auth.database_clock import DatabaseClock

MODES = ["none", "feed", "strict"]


def user_of(pair: TokenPair) -> Any:
    """The user that the access token names."""
    return authenticate_access_token(pair.access).user


def signed(pair: TokenPair, **claims: Any) -> str:
    """The same access token with other claims, validly signed."""
    members = dict(claims_of(pair.access)) | claims
    return jose.sign_jwt(members, token_policy().keys.signing, typ="at+jwt")


# --- statements ---------------------------------------------------------------------------------------------


def test_the_primary_key_costs_no_statement_on_a_fresh_feed(user: Any) -> None:
    """One poll for the process and second; then none at all."""
    pair = start_session(user)
    with statements() as said:
        assert user_of(pair).pk == user.pk
    assert len(said) == 1
    assert "jotpass_revocation" in said[0]
    with statements() as said:
        for _ in range(5):
            assert user_of(pair).pk == user.pk
            assert user_of(pair).is_authenticated
    assert said == []


def test_everything_else_costs_one(user: Any) -> None:
    """Whatever is read of the user, on a fresh feed."""
    pair = start_session(user)
    user_of(pair)
    with statements() as said:
        found = user_of(pair)
        assert found.check_password(PASSWORD)
        assert found.get_username() == user.get_username()
        assert found.is_active
    assert len(said) == 1


def test_strict_asks_once_and_hands_that_row_out(user: Any, settings: Any) -> None:
    """Family, session and user in one statement on every request; the user needs no other."""
    settings.JOTPASS = {"REVOCATION": "strict"}
    pair = start_session(user)
    user_of(pair)
    with statements() as said:
        found = user_of(pair)
        assert found.get_deferred_fields() == set()
        assert str(found) == str(user)
        assert type(found) is get_user_model()
    assert len(said) == 1


def test_without_revocation_nothing_is_asked(user: Any, settings: Any) -> None:
    """Until it expires, the token is good."""
    settings.JOTPASS = {"REVOCATION": "none"}
    pair = start_session(user)
    with statements() as said:
        end_session(pair.session_id)
        before = len(said)
        assert user_of(pair).pk == user.pk
        assert len(said) == before


def test_load_reads_the_user_at_once(user: Any, settings: Any) -> None:
    """By the default manager, in one statement."""
    settings.JOTPASS = {"REQUEST_USER": "load"}
    pair = start_session(user)
    feed.is_revoked("x", max_staleness=30)
    with statements() as said:
        found = user_of(pair)
        assert str(found) == str(user)
    assert len(said) == 1


def with_groups(access_token: AccessToken) -> Any:
    """A queryset of a project's own."""
    return get_user_model().objects.filter(is_staff=False).prefetch_related("groups")


def test_load_may_use_a_queryset_of_the_project(user: Any, settings: Any) -> None:
    """Called at every request; whom it leaves out may not enter."""
    settings.JOTPASS = {"REQUEST_USER": "load", "USER_QUERYSET": with_groups}
    pair = start_session(user)
    found = user_of(pair)
    with statements() as said:
        assert list(found.groups.all()) == []
    assert said == []
    get_user_model().objects.update(is_staff=True)
    with pytest.raises(errors.NoActiveAccount):
        user_of(pair)


def of_this_token(access_token: AccessToken) -> Any:
    """A queryset that depends on the token: people of the example, at the client that the token is for."""
    users = get_user_model().objects.all()
    return users if access_token.client_id == "first-party" else users.none()


@pytest.mark.parametrize("revocation", ["none", "feed", "strict"])
def test_the_queryset_is_told_the_token(user: Any, settings: Any, revocation: str) -> None:
    """Who may enter can depend on what the token says, however revocations are found."""
    settings.JOTPASS = {
        "CLIENTS": ["first-party", "tv"],
        "REQUEST_USER": "load",
        "REVOCATION": revocation,
        "USER_QUERYSET": of_this_token,
    }
    assert user_of(start_session(user)) == user
    elsewhere = start_session(user, client_id="tv")
    with pytest.raises(errors.NoActiveAccount):
        user_of(elsewhere)


# --- whom each mode refuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["feed", "strict"])
def test_a_revoked_token_is_refused(user: Any, settings: Any, mode: str) -> None:
    """By its name, or with its session."""
    settings.JOTPASS = {"REVOCATION": mode}
    by_name, by_session = start_session(user), start_session(user)
    revoke_token(verify_access_token(by_name.access, token_policy(), now=time.time()), reason="x")
    revoke_session(Session.objects.get(sid=by_session.session_id).sid, reason="x")
    for pair in (by_name, by_session):
        with pytest.raises(errors.TokenRevoked):
            user_of(pair)


def revoke_the_session() -> None:
    """Past every function of ours."""
    Session.objects.update(revoked_at=datetime.now(UTC))


def revoke_the_family() -> None:
    """Past every function of ours."""
    TokenFamily.objects.update(revoked_at=datetime.now(UTC))


def deactivate() -> None:
    """Past every signal."""
    get_user_model().objects.update(is_active=False)


def change_the_password() -> None:
    """Past every signal."""
    get_user_model().objects.update(password="md5$salt$another")


def delete_the_rows() -> None:
    """Past every signal."""
    TokenFamily.objects.all()._raw_delete("default")
    Session.objects.all()._raw_delete("default")


@pytest.mark.parametrize(
    "change", [revoke_the_session, revoke_the_family, deactivate, change_the_password, delete_the_rows]
)
def test_strict_sees_every_change_at_once(user: Any, settings: Any, change: Callable[[], None]) -> None:
    """Whatever way it was made: the rows are asked, not the feed."""
    settings.JOTPASS = {"REVOCATION": "strict"}
    pair = start_session(user)
    user_of(pair)
    change()
    with pytest.raises(errors.TokenRevoked):
        user_of(pair)


def test_strict_ends_with_the_session(user: Any, settings: Any, database_clock: DatabaseClock) -> None:
    """By the database's clock."""
    settings.JOTPASS = {"REVOCATION": "strict"}
    pair = start_session(user)
    database_clock.advance(timedelta(days=15))
    with pytest.raises(errors.TokenRevoked):
        user_of(pair)


@pytest.mark.parametrize(
    ("claim", "code"), [("fid", "token_revoked"), ("sid", "token_revoked"), ("sub", "token_invalid")]
)
def test_strict_compares_the_token_with_its_rows(user: Any, settings: Any, claim: str, code: str) -> None:
    """A token that we signed for another family, session or person opens nothing here."""
    settings.JOTPASS = {"REVOCATION": "strict"}
    pair = start_session(user)
    for value in (str(uuid4()), "x", "1.5"):
        with pytest.raises(errors.CredentialError) as caught:
            authenticate_access_token(signed(pair, **{claim: value}))
        assert caught.value.code == code


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("subject", ["x", "-", "1.5", "'; DROP TABLE x; --", "9" * 200])
def test_a_subject_that_is_nobody_is_refused(user: Any, settings: Any, mode: str, subject: str) -> None:
    """In every mode, before anything is asked about it."""
    for how in ("deferred", "load"):
        settings.JOTPASS = {"REVOCATION": mode, "REQUEST_USER": how}
        with pytest.raises(errors.TokenInvalid):
            authenticate_access_token(signed(start_session(user), sub=subject))


class Missing(Exception):
    """What a web framework raises."""


def test_a_missing_user_raises_what_the_framework_wants(user: Any, settings: Any) -> None:
    """At the first read in the deferred mode; at once when the user is loaded."""
    pair = start_session(user)
    TokenFamily.objects.all()._raw_delete("default")
    Session.objects.all()._raw_delete("default")
    get_user_model().objects.all()._raw_delete("default")
    found = authenticate_access_token(pair.access, missing_user=Missing).user
    with pytest.raises(Missing):
        str(found)
    with pytest.raises(errors.NoActiveAccount):
        str(user_of(pair))
    settings.JOTPASS = {"REQUEST_USER": "load"}
    with pytest.raises(errors.NoActiveAccount):
        user_of(pair)


def test_load_refuses_who_is_inactive(user: Any, settings: Any) -> None:
    """It has the row, so it looks."""
    settings.JOTPASS = {"REQUEST_USER": "load"}
    pair = start_session(user)
    deactivate()
    with pytest.raises(errors.NoActiveAccount):
        user_of(pair)


# --- a feed that cannot be read -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_without_a_table_nobody_can_tell(user: Any, settings: Any) -> None:
    """503 `feed_stale` before the first load, also when told to fail open; `none` does not ask."""
    pair = start_session(user)
    with connection.schema_editor() as schema:
        schema.delete_model(Revocation)
    try:
        for fail_open in (False, True):
            settings.JOTPASS = {"REVOCATION_FAIL_OPEN": fail_open}
            with pytest.raises(errors.FeedStale):
                user_of(pair)
        settings.JOTPASS = {"REVOCATION": "none"}
        assert user_of(pair).pk == user.pk
    finally:
        with connection.schema_editor() as schema:
            schema.create_model(Revocation)
