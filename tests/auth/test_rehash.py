"""A password hashed anew while it is checked: its sessions go on, and nothing else is taken for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.test.utils import isolate_apps

from jotpass.auth import errors, renewed_hash
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Revocation, Session
from jotpass.auth.policy import token_policy
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import reauthenticate_session, start_session
from tests.auth.people import PASSWORD
from tests.auth.together import together

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.token_pair import TokenPair

NEW = "another password altogether"
MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real hash of a password, with no more work than its renewal needs."""
    monkeypatch.setattr("django.contrib.auth.hashers.PBKDF2PasswordHasher.iterations", 1000)


@pytest.fixture
def due(settings: Any, user: Any) -> Any:
    """A user whose hash is renewed at the next right password."""
    settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    type(user).objects.filter(pk=user.pk).update(password=make_password(PASSWORD, hasher="md5"))
    return fresh(user)


def fresh(user: Any) -> Any:
    """The same person, read again."""
    return get_user_model().objects.get(pk=user.pk)


def lives(pair: TokenPair) -> bool:
    """Whether both tokens are accepted."""
    try:
        authenticate_access_token(pair.access)
    except errors.TokenRevoked:
        assert rotate_refresh_token(pair.refresh).pair is None
        return False
    return rotate_refresh_token(pair.refresh).pair is not None


def carried_over(user: Any, old_hash: str) -> bool:
    """Whether there is a new hash, and every session is stamped with it."""
    now = fresh(user)
    stamps = set(Session.objects.values_list("auth_hash", flat=True))
    return now.password != old_hash and stamps == {now.get_session_auth_hash()}


# --- however the model saves --------------------------------------------------------------------------------


class _Widens:
    """As a model does that keeps the time of its last change."""

    def save(self, *args: Any, **options: Any) -> None:
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "last_login"}
        super().save(*args, **options)  # type: ignore[misc]


class _Drops:
    """As a model does that always saves everything."""

    def save(self, *args: Any, **options: Any) -> None:
        options.pop("update_fields", None)
        super().save(*args, **options)  # type: ignore[misc]


class _ForgetsTheDenial:
    """As a model does that hashes by its own means and saves it all."""

    def set_password(self, raw_password: str) -> None:
        self.password = make_password(raw_password)


class _Plain:
    """As Django does."""


def under(kind: type, user: Any) -> Any:
    """The same person under a model that saves in its own way."""
    with isolate_apps():
        meta = type("Meta", (), {"proxy": True, "app_label": "people"})
        bases = (kind, get_user_model())
        proxy: Any = type("Member", bases, {"Meta": meta, "__module__": __name__})
    return proxy.objects.get(pk=user.pk)


def check(user: Any) -> bool:
    """By position."""
    return bool(user.check_password(PASSWORD))


def check_by_name(user: Any) -> bool:
    """By the name of the argument."""
    return bool(user.check_password(raw_password=PASSWORD))


def check_asynchronously(user: Any) -> bool:
    """`acheck_password`, which saves in another thread."""
    return bool(async_to_sync(user.acheck_password)(PASSWORD))


@pytest.mark.parametrize("check_it", [check, check_by_name, check_asynchronously])
@pytest.mark.parametrize("kind", [_Plain, _Widens, _Drops, _ForgetsTheDenial])
def test_a_renewal_signs_nobody_out(due: Any, kind: type, check_it: Callable[[Any], bool]) -> None:
    """Whatever else the model saves with the password."""
    pairs = [start_session(due), start_session(due)]
    assert check_it(under(kind, due))
    assert carried_over(due, due.password)
    assert all(map(lives, pairs))
    assert not Revocation.objects.exists()


def test_the_user_of_a_request_may_renew(due: Any) -> None:
    """Nothing of whom was read before the password is checked."""
    pair, other = start_session(due), start_session(due)
    assert authenticate_access_token(pair.access).user.check_password(PASSWORD)
    assert carried_over(due, due.password)
    assert lives(pair)
    assert lives(other)


def test_a_wrong_password_renews_nothing(due: Any) -> None:
    """Nor does it end anything, and no password is remembered after its check."""
    pair = start_session(due)
    assert not due.check_password(NEW)
    assert fresh(due).password == due.password
    assert lives(pair)
    assert renewed_hash._password_in_check.get() is None


class _CachesWhatElsewhereIsRight:
    """As a model does that asks a directory, and keeps what it answered."""

    def check_password(self, raw_password: str) -> bool:
        self.set_password(raw_password)  # type: ignore[attr-defined]
        self.save()  # type: ignore[attr-defined]
        return True


@pytest.mark.parametrize(("password", "same"), [(PASSWORD, True), (NEW, False)])
def test_whoever_saves_while_checking_is_judged_by_the_password(
    due: Any, monkeypatch: pytest.MonkeyPatch, password: str, same: bool
) -> None:
    """The same password goes on under its new hash; another one ends the sessions."""
    telling = renewed_hash._telling(_CachesWhatElsewhereIsRight.check_password)
    monkeypatch.setattr(get_user_model(), "check_password", telling)
    pair = start_session(due)
    assert due.check_password(password)
    assert lives(pair) is same


# --- what is no renewal -------------------------------------------------------------------------------------


def saved(user: Any) -> None:
    """A password was set and saved."""
    user.set_password(PASSWORD)
    user.save()


def saved_another_field(user: Any) -> None:
    """Only something else was saved, and Django forgot that a password was set."""
    user.set_password(NEW)
    user.save(update_fields=["last_login"])


def set_nothing(user: Any) -> None:
    """No password was set."""
    user.set_password(None)


def denied(user: Any) -> None:
    """What the renewal leaves behind, without one."""
    user._password = None


def renewed(user: Any) -> None:
    """A renewal."""
    assert user.check_password(PASSWORD)


def failed(user: Any) -> None:
    """A renewal that did not reach the database."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(get_user_model(), "_do_update", _fail)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            user.check_password(PASSWORD)


def _fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("fields", [None, ["password"], ["password", "last_login"]])
@pytest.mark.parametrize("before", [saved, saved_another_field, set_nothing, denied, renewed, failed])
def test_a_hash_by_hand_is_a_new_password(
    due: Any, before: Callable[[Any], None], fields: list[str] | None
) -> None:
    """Whatever happened to the instance before."""
    before(due)
    pair = start_session(fresh(due))
    due.password = make_password(NEW)
    due.save(update_fields=fields)
    assert not lives(pair)


@pytest.mark.parametrize("fields", [None, ["password"]])
def test_the_same_password_set_again_ends_every_session(due: Any, fields: list[str] | None) -> None:
    """Whoever sets a password means to, as in Django; only a renewal is nobody's doing."""
    pair = start_session(due)
    due.set_password(PASSWORD)
    due.save(update_fields=fields)
    assert not lives(pair)


def test_an_unusable_password_ends_every_session(due: Any) -> None:
    """Also on an instance that Django has left a denial on."""
    saved(due)
    pair = start_session(fresh(due))
    due.set_unusable_password()
    due.save(update_fields=["password"])
    assert not lives(pair)


def test_an_old_instance_that_brings_an_old_password_back_ends_the_sessions_of_the_new(user: Any) -> None:
    """What is stored is what counts: the password that they were begun with is in force no longer."""
    stale = fresh(user)
    user.set_password(NEW)
    user.save()
    pair = start_session(user)
    stale.save()
    assert not lives(pair)


def test_an_old_instance_that_renews_an_old_password_ends_the_sessions_of_the_new(due: Any) -> None:
    """The password that was right for the instance is not the one that is stored."""
    stale = fresh(due)
    get_user_model().objects.filter(pk=due.pk).update(password=make_password(NEW))
    pair = start_session(fresh(due))
    assert stale.check_password(PASSWORD)
    assert not lives(pair)


def test_a_renewal_ends_what_an_older_password_left(due: Any) -> None:
    """A session that a change past `save()` had made void is not brought back."""
    left = start_session(due)
    get_user_model().objects.filter(pk=due.pk).update(password=make_password(NEW, hasher="md5"))
    current = start_session(fresh(due))
    assert fresh(due).check_password(NEW)
    assert lives(current)
    assert not lives(left)


# --- several at once ----------------------------------------------------------------------------------------


def test_the_later_of_two_keeps_the_hash_of_the_earlier(due: Any) -> None:
    """Who signed in first may begin a session after the second has signed in."""
    one, two = fresh(due), fresh(due)
    assert one.check_password(PASSWORD)
    assert two.check_password(PASSWORD)
    assert fresh(due).password == one.password == two.password
    assert lives(start_session(one))
    assert lives(start_session(two))


def test_a_renewal_that_another_overtakes_keeps_its_hash(due: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the reading of the old hash and the writing of the new one."""
    pair = start_session(due)
    one, two = fresh(due), fresh(due)
    renew = renewed_hash._renew

    def overtaken(*arguments: Any) -> bool:
        monkeypatch.setattr(renewed_hash, "_renew", renew)
        assert one.check_password(PASSWORD)
        return renew(*arguments)

    monkeypatch.setattr(renewed_hash, "_renew", overtaken)
    assert two.check_password(PASSWORD)
    assert fresh(due).password == one.password == two.password
    assert carried_over(due, due.password)
    assert all(map(lives, [pair, start_session(one), start_session(two)]))


def test_many_who_sign_in_at_once_are_all_signed_in(transactional_db: None, due: Any) -> None:
    """Each with a connection of its own; the session that was there before goes on as well."""
    pair = start_session(due)

    def sign_in() -> TokenPair:
        person = fresh(due)
        assert person.check_password(PASSWORD)
        return start_session(person)

    pairs = together(*[sign_in] * 6)
    assert carried_over(due, due.password)
    assert all(map(lives, [pair, *pairs]))
    assert not Revocation.objects.exists()
    assert not connection.in_atomic_block


# --- authenticating again -----------------------------------------------------------------------------------


def test_a_renewed_hash_authenticates_again(due: Any) -> None:
    """The password that renews the hash is the one that the session is of, and it goes on."""
    old_hash = due.password
    pair = start_session(due)
    access_token = verify_access_token(pair.access, token_policy(), now=time.time())
    assert due.check_password(PASSWORD)
    again = reauthenticate_session(access_token)
    assert carried_over(due, old_hash)
    assert lives(again)
