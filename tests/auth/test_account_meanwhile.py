"""An account that changes while somebody signs in with it, or whose owner changes it within a session."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event as Flag
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, connections, transaction
from django.db.models.signals import post_save
from django.utils import timezone

from jotpass.auth import errors
from jotpass.auth.access_tokens import AccessToken, verify_access_token
from jotpass.auth.models import Session
from jotpass.auth.policy import token_policy
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import end_session, keep_session, reauthenticate_session, start_session
from tests.auth.people import claims_of, create_user


def same(user: Any) -> Any:
    """The same account, as somebody else has read it."""
    return get_user_model()._default_manager.get(pk=user.pk)


def request_of(pair: Any, user: Any) -> Any:
    """A request that the pair's access token authenticated."""
    token = verify_access_token(pair.access, token_policy(), now=time.time())
    return SimpleNamespace(auth=token, user=user)


def refused(user: Any) -> None:
    """Nobody is signed in as this user."""
    with pytest.raises(errors.NoActiveAccount), transaction.atomic():
        start_session(user)
    assert not Session.objects.exists()


def test_an_account_deactivated_meanwhile_signs_nobody_in(user: Any) -> None:
    """What counts is the account at the moment of the session's row, not when the password was checked."""
    checked = same(user)
    user.is_active = False
    user.save()
    refused(checked)


def test_a_password_changed_meanwhile_signs_nobody_in(user: Any) -> None:
    """A password that was good a moment ago is not good now."""
    checked = same(user)
    user.set_password("another")
    user.save()
    refused(checked)


def test_a_sign_in_waits_for_a_change_that_is_under_way(transactional_db: None) -> None:
    """While the change is not committed there is no session to revoke: the sign-in waits, and is refused."""
    user = create_user("meanwhile")
    checked = same(user)
    changed = Flag()
    answers: list[object] = []

    def sign_in() -> None:
        changed.wait(30)
        try:
            start_session(checked)
        except (errors.NoActiveAccount, IntegrityError) as error:
            answers.append(error)
        else:
            answers.append("signed in")
        finally:
            connections.close_all()

    thread = Thread(target=sign_in)
    thread.start()
    with transaction.atomic():
        user.is_active = False
        user.save()
        changed.set()
        # On SQLite one writer waits for the other by itself; on PostgreSQL the lock on the account does it.
        if connection.vendor == "postgresql":
            thread.join(0.3)
            assert thread.is_alive()
    thread.join(30)
    assert [type(answer) for answer in answers] == [errors.NoActiveAccount]
    assert not Session.objects.exists()


def test_a_password_changed_meanwhile_does_not_authenticate_again(user: Any) -> None:
    """The one that was checked is the old one, so its session goes no further than any other of it."""
    pair = start_session(user)
    before = Session.objects.values().get()
    changed = same(user)
    changed.set_password("another")
    get_user_model()._default_manager.filter(pk=user.pk).update(password=changed.password)
    with pytest.raises(errors.TokenRevoked):
        reauthenticate_session(request_of(pair, user).auth)
    assert Session.objects.values().get() == before
    assert rotate_refresh_token(pair.refresh).pair is None


def test_an_old_password_between_the_row_and_its_signal_does_not_authenticate_again(user: Any) -> None:
    """`save()` has written the account and has yet to end its sessions: whoever comes then is refused."""
    pair = start_session(user)
    access_token = request_of(pair, user).auth
    met: list[type[Exception]] = []

    def race(instance: Any, **_: object) -> None:
        with pytest.raises(errors.TokenRevoked) as refusal:
            reauthenticate_session(access_token)
        met.append(refusal.type)

    ours = post_save.receivers
    post_save.receivers = []
    post_save.connect(race, weak=False)
    post_save.receivers += ours
    post_save.sender_receivers_cache.clear()
    try:
        user.set_password("another")
        user.save()
    finally:
        post_save.disconnect(race)
    assert met == [errors.TokenRevoked]
    assert rotate_refresh_token(pair.refresh).pair is None


def test_a_session_of_a_former_secret_key_authenticates_again(user: Any, settings: Any) -> None:
    """The same password under SECRET_KEY_FALLBACKS is no other one, and is bound to the new key."""
    pair = start_session(user)
    former = Session.objects.get().auth_hash
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "s" * 50, [settings.SECRET_KEY]
    stamped = user.get_session_auth_hash()
    access_token = AccessToken({"sid": pair.session_id, "fid": claims_of(pair.access)["fid"]})
    assert reauthenticate_session(access_token).session_id == pair.session_id
    assert Session.objects.get().auth_hash == stamped != former


def test_a_deactivated_account_does_not_authenticate_again(user: Any) -> None:
    """However it was deactivated."""
    pair = start_session(user)
    get_user_model()._default_manager.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(errors.TokenRevoked):
        reauthenticate_session(request_of(pair, user).auth)


def test_what_its_owner_ended_is_not_kept(user: Any) -> None:
    """A new password ended it and then its owner signed out: nothing brings it back."""
    pair = start_session(user)
    request = request_of(pair, user)
    user.set_password("another")
    user.save()
    assert not end_session(pair.session_id)
    assert not keep_session(request)
    assert rotate_refresh_token(pair.refresh).pair is None


def test_what_ended_long_ago_is_not_kept(user: Any) -> None:
    """A session is kept by the request that changes the password, not by one that comes later."""
    pair = start_session(user)
    request = request_of(pair, user)
    user.set_password("another")
    user.save()
    Session.objects.update(revoked_at=timezone.now() - timedelta(minutes=2))
    assert not keep_session(request)
    assert rotate_refresh_token(pair.refresh).pair is None
