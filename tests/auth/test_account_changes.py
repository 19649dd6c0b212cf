"""An account that changes: whose sessions end, whose stay, and which way of changing is noticed when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import make_password
from django.core import serializers as django_serializers
from django.db import transaction
from django.db.models.functions import Now
from django.test.utils import isolate_apps

from jotpass.auth import errors
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import keep_session, start_session
from tests.auth.people import PASSWORD
from tests.auth.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.events import Event
    from jotpass.auth.token_pair import TokenPair

NEW = "another password altogether"
OLD_SECRET = "an-older-key-for-tests:9aTo4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf"
NEW_SECRET = "a-newer-key-for-tests:3eJf9aTo4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm"
MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real hash of a password, with no more work than its renewal needs."""
    monkeypatch.setattr("django.contrib.auth.hashers.PBKDF2PasswordHasher.iterations", 1000)


def works(pair: TokenPair) -> bool:
    """Whether the access token is accepted."""
    try:
        authenticate_access_token(pair.access)
    except errors.TokenRevoked:
        return False
    return True


def refreshes(pair: TokenPair) -> bool:
    """Whether the refresh token is."""
    return rotate_refresh_token(pair.refresh).pair is not None


def reasons() -> set[str]:
    """Why sessions were revoked; empty for those that live."""
    return set(Session.objects.values_list("revoked_reason", flat=True))


# --- noticed at once ----------------------------------------------------------------------------------------


def set_and_save(user: Any) -> None:
    """As a form does."""
    user.set_password(NEW)
    user.save()


def set_and_save_alone(user: Any) -> None:
    """The password by itself."""
    user.set_password(NEW)
    user.save(update_fields=["password"])


def set_and_save_among_others(user: Any) -> None:
    """The password and something else."""
    user.set_password(NEW)
    user.save(update_fields={"password", "last_login"})


def hash_and_save(user: Any) -> None:
    """A hash made by hand."""
    user.password = make_password(NEW)
    user.save()


def hash_and_save_alone(user: Any) -> None:
    """A hash made by hand, by itself."""
    user.password = make_password(NEW)
    user.save(update_fields=["password"])


def save_from_a_deferred_instance(user: Any) -> None:
    """An instance of which only the name was loaded."""
    deferred = type(user).objects.only(user.USERNAME_FIELD).get(pk=user.pk)
    deferred.set_password(NEW)
    deferred.save()


def make_unusable(user: Any) -> None:
    """Nobody signs in with a password any more."""
    user.set_unusable_password()
    user.save(update_fields=["password"])


def set_nothing(user: Any) -> None:
    """The same by another way."""
    user.set_password(None)
    user.save(update_fields=["password"])


def set_empty(user: Any) -> None:
    """An empty password is a password."""
    user.set_password("")
    user.save(update_fields=["password"])


def save_asynchronously(user: Any) -> None:
    """`asave`."""
    user.set_password(NEW)
    async_to_sync(user.asave)()


PASSWORD_CHANGES = [
    set_and_save,
    set_and_save_alone,
    set_and_save_among_others,
    hash_and_save,
    hash_and_save_alone,
    save_from_a_deferred_instance,
    make_unusable,
    set_nothing,
    set_empty,
    save_asynchronously,
]


def by_name(change: Callable[[Any], object]) -> str:
    """The name of a case."""
    return change.__name__


@pytest.mark.parametrize("due", [False, True], ids=["current hash", "old hash"])
@pytest.mark.parametrize("change", PASSWORD_CHANGES, ids=by_name)
def test_a_new_password_ends_every_session(
    user: Any, settings: Any, change: Callable[[Any], None], due: bool
) -> None:
    """Whichever way it was saved, and also when Django was about to renew the old hash."""
    if due:
        settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    pairs = [start_session(user), start_session(user)]
    change(get_user_model().objects.get(pk=user.pk))
    assert not any(map(works, pairs))
    assert not any(map(refreshes, pairs))
    assert reasons() == {"password_changed"}


def deactivate(user: Any) -> None:
    """A full save."""
    user.is_active = False
    user.save()


def deactivate_alone(user: Any) -> None:
    """That field by itself."""
    user.is_active = False
    user.save(update_fields=["is_active"])


@pytest.mark.parametrize("change", [deactivate, deactivate_alone], ids=by_name)
def test_a_deactivation_ends_every_session(user: Any, change: Callable[[Any], None]) -> None:
    """And an activation brings none of them back."""
    pair = start_session(user)
    change(user)
    assert not works(pair)
    assert not refreshes(pair)
    assert reasons() == {"account_inactive"}
    user.is_active = True
    user.save()
    assert not works(pair)
    assert not refreshes(pair)


@pytest.mark.parametrize(
    "delete",
    [
        lambda user: user.delete(),
        lambda user: get_user_model().objects.filter(pk=user.pk).delete(),
        lambda _: get_user_model().objects.all().delete(),
        lambda user: Session.objects.filter(user=user).delete(),
    ],
    ids=["instance", "queryset", "everybody", "sessions"],
)
def test_a_deletion_ends_every_session(user: Any, delete: Callable[[Any], object]) -> None:
    """Of an instance or of many: the record outlives the rows."""
    pairs = [start_session(user), start_session(user)]
    delete(user)
    assert not Session.objects.exists()
    assert not TokenFamily.objects.exists()
    assert not any(map(works, pairs))
    assert {rotate_refresh_token(pair.refresh).outcome for pair in pairs} == {Outcome.FOREIGN}
    assert set(Revocation.objects.values_list("key", flat=True)) == {pair.session_id for pair in pairs}


def test_a_change_of_one_account_concerns_one_account(user: Any, make_user: Callable[[str], Any]) -> None:
    """Everybody else goes on."""
    other = start_session(make_user("ada"))
    set_and_save(user)
    deactivate(user)
    user.delete()
    assert works(other)
    assert refreshes(other)


def test_a_change_under_another_class_is_noticed(user: Any) -> None:
    """A proxy of the user model is the same account, as the admin of a project may use it."""
    with isolate_apps():

        class Staff(get_user_model()):  # type: ignore[misc]
            """The same people by another name."""

            class Meta:
                proxy = True
                app_label = "people"

    pair = start_session(user)
    member = Staff.objects.get(pk=user.pk)
    member.set_password(NEW)
    member.save()
    assert not works(pair)
    pair = start_session(get_user_model().objects.get(pk=user.pk))
    member.is_active = False
    member.save(update_fields=["is_active"])
    assert not works(pair)


def test_a_change_that_is_rolled_back_did_not_happen(
    transactional_db: None, user: Any, events: list[Event]
) -> None:
    """Neither are tokens revoked, nor is anybody told."""
    pair = start_session(user)
    events.clear()
    with transaction.atomic():
        set_and_save(user)
        transaction.set_rollback(True)
    assert works(pair)
    assert refreshes(pair)
    assert [event.name for event in events] == ["refreshed"]


# --- no change at all ---------------------------------------------------------------------------------------


def test_saving_other_fields_looks_at_no_session(user: Any) -> None:
    """Django writes `last_login` at every sign-in."""
    start_session(user)
    with statements() as said:
        user.save(update_fields=["last_login"])
    assert [statement.split()[0] for statement in said] == ["UPDATE"]


@pytest.mark.parametrize(
    "save",
    [
        lambda user: user.save(),
        lambda user: user.save(update_fields=["password"]),
        lambda user: user.save(update_fields=["is_active"]),
        lambda user: get_user_model().objects.only("is_active").get(pk=user.pk).save(),
        lambda user: authenticate(**{user.USERNAME_FIELD: user.get_username(), "password": PASSWORD}),
        lambda user: authenticate(**{user.USERNAME_FIELD: user.get_username(), "password": "wrong"}),
    ],
    ids=["all", "password", "is_active", "deferred", "signed in", "refused"],
)
def test_saving_the_same_ends_nothing(user: Any, save: Callable[[Any], object]) -> None:
    """A password that did not change is no new password."""
    pair = start_session(user)
    save(user)
    assert works(pair)
    assert refreshes(pair)
    assert not Revocation.objects.exists()


def test_loading_a_fixture_ends_nothing(user: Any) -> None:
    """`loaddata` restores rows as they were, accounts and sessions alike."""
    pair = start_session(user)
    user.password = make_password(NEW)
    for loaded in django_serializers.deserialize("json", django_serializers.serialize("json", [user])):
        loaded.save()
    assert works(pair)
    assert not refreshes(pair)


# --- hashed anew --------------------------------------------------------------------------------------------


def sign_in_again(user: Any) -> Any:
    """What renews an old hash: somebody types the right password."""
    return authenticate(**{user.USERNAME_FIELD: user.get_username(), "password": PASSWORD})


def sign_in_again_asynchronously(user: Any) -> Any:
    """`acheck_password`."""
    fresh = get_user_model().objects.get(pk=user.pk)
    assert async_to_sync(fresh.acheck_password)(PASSWORD)
    return fresh


@pytest.mark.parametrize("again", [sign_in_again, sign_in_again_asynchronously])
def test_a_password_hashed_anew_signs_nobody_out(
    user: Any, settings: Any, again: Callable[[Any], Any]
) -> None:
    """Every session of the person is stamped with the new hash; access and refresh tokens go on."""
    pairs = [start_session(user), start_session(user)]
    before = user.password
    settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    renewed = again(user)
    assert renewed.password != before
    assert all(map(works, pairs))
    assert all(map(refreshes, pairs))
    assert not Revocation.objects.exists()
    assert set(Session.objects.values_list("auth_hash", flat=True)) == {renewed.get_session_auth_hash()}


def test_more_iterations_sign_nobody_out(user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each Django release does to every password."""
    settings.PASSWORD_HASHERS = [PBKDF2]
    set_and_save(user)
    pair = start_session(user)
    monkeypatch.setattr("django.contrib.auth.hashers.PBKDF2PasswordHasher.iterations", 2000)
    fresh = get_user_model().objects.get(pk=user.pk)
    assert fresh.check_password(NEW)
    assert "$2000$" in fresh.password
    assert works(pair)
    assert refreshes(pair)


def test_a_rehash_brings_back_no_session_of_an_older_password(user: Any, settings: Any) -> None:
    """Only sessions of the password that was hashed anew are stamped."""
    stale = start_session(user)
    get_user_model().objects.filter(pk=user.pk).update(password=make_password(NEW))
    fresh = get_user_model().objects.get(pk=user.pk)
    current = start_session(fresh)
    settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    assert fresh.check_password(NEW)
    assert refreshes(current)
    assert not refreshes(stale)


def test_a_hash_by_hand_after_a_renewal_is_a_new_password(user: Any, settings: Any) -> None:
    """On the very instance whose password was hashed anew a moment ago."""
    pair = start_session(user)
    settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    renewed = sign_in_again(user)
    assert works(pair)
    hash_and_save_alone(renewed)
    assert not works(pair)


def test_a_save_that_failed_leaves_nothing_behind(
    user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewal that did not reach the database does not excuse the next change of password."""
    pair = start_session(user)
    settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    fresh = get_user_model().objects.get(pk=user.pk)
    with monkeypatch.context() as patched:
        patched.setattr(type(fresh), "_do_update", _fail)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            fresh.check_password(PASSWORD)
    set_and_save_alone(fresh)
    assert not works(pair)
    assert not refreshes(pair)


def _fail(*_: object) -> None:
    raise ZeroDivisionError


def test_two_renewals_at_once_sign_nobody_out(user: Any, settings: Any) -> None:
    """Two instances renew the hash one after the other; the later one finds it renewed already."""
    pair = start_session(user)
    settings.PASSWORD_HASHERS = [PBKDF2, MD5]
    one, two = (get_user_model().objects.get(pk=user.pk) for _ in range(2))
    assert one.check_password(PASSWORD)
    assert two.check_password(PASSWORD)
    assert works(pair)
    assert refreshes(pair)


# --- SECRET_KEY ---------------------------------------------------------------------------------------------


def test_sessions_survive_a_new_secret_key(user: Any, settings: Any) -> None:
    """While the old one is a fallback, both tokens work; a refresh then frees the session of it."""
    settings.SECRET_KEY = OLD_SECRET
    pair = start_session(user)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_SECRET, [OLD_SECRET]
    assert works(pair)
    user.save()
    rotated = rotate_refresh_token(pair.refresh).pair
    assert rotated is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert works(rotated)
    assert refreshes(rotated)
    with pytest.raises(errors.TokenInvalid):
        works(pair)
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.FOREIGN


def test_sessions_do_not_survive_a_forgotten_secret_key(user: Any, settings: Any) -> None:
    """Without a fallback every token is void, and that revokes nobody."""
    pair = start_session(user)
    settings.SECRET_KEY = NEW_SECRET
    with pytest.raises(errors.TokenInvalid):
        works(pair)
    assert rotate_refresh_token(pair.refresh).outcome is Outcome.FOREIGN
    assert reasons() == {""}


# --- keep_session -------------------------------------------------------------------------------------------


def request_of(pair: TokenPair) -> Any:
    """A request that this pair's access token authenticated."""
    found = authenticate_access_token(pair.access)
    return SimpleNamespace(user=found.user, auth=found.access_token)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_session_of_this_request_can_be_kept(user: Any, when: str) -> None:
    """Through its own change of password; all others end."""
    here, elsewhere = start_session(user), start_session(user)
    request = request_of(here)
    request.user.set_password(NEW)
    if when == "before":
        assert keep_session(request)
    request.user.save()
    if when == "after":
        assert keep_session(request)
    assert works(here)
    assert refreshes(here)
    assert not works(elsewhere)
    assert not refreshes(elsewhere)


def test_the_user_may_be_another_instance(user: Any) -> None:
    """As a form that loads its own."""
    pair = start_session(user)
    request = request_of(pair)
    set_and_save(user)
    assert keep_session(request, user)
    assert works(pair)
    assert refreshes(pair)


def test_nobody_elses_session_is_kept(user: Any, make_user: Callable[[str], Any]) -> None:
    """An admin who sets another person's password keeps nothing of that person's."""
    admin = make_user("admin")
    request = request_of(start_session(admin))
    theirs = start_session(user)
    set_and_save(user)
    assert not keep_session(request, user)
    assert not works(theirs)


def test_a_session_that_ended_for_another_reason_is_not_kept(user: Any) -> None:
    """Signed out is signed out."""
    pair = start_session(user)
    request = request_of(pair)
    Session.objects.update(revoked_at=Now(), revoked_reason="signed_out")
    set_and_save(user)
    assert not keep_session(request, user)
    assert not refreshes(pair)


@pytest.mark.parametrize("auth", [None, "token", {"sid": "x"}], ids=repr)
def test_a_request_without_an_access_token_keeps_nothing(user: Any, auth: object) -> None:
    """Signed in by Django's session, by a key of another library, or not at all."""
    assert not keep_session(SimpleNamespace(user=user, auth=auth))
    assert not keep_session(SimpleNamespace(user=user))
