"""A change of an account meets another change of the same rows: both end, whichever comes first."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models.functions import Now

from jotpass.auth.access_tokens import AccessToken
from jotpass.auth.errors import NoActiveAccount
from jotpass.auth.flush import flush
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.revocation import SLACK, revoke_sessions, revoke_user
from jotpass.auth.sessions import end_session, keep_session, start_session
from tests.auth.statements import statements
from tests.auth.together import SECONDS, together

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

POLL = 0.01


class Meeting:
    """Holds one piece of code before a certain statement until another waits for a lock, or has ended."""

    def __init__(self, verb: str, table: str) -> None:
        self.statement = f'{verb} "jotpass_{table}"'
        self.held = threading.Event()
        self.other_ended = threading.Event()

    def hold(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """Wait here; a wrapper of `execute`."""
        if sql.startswith(self.statement) and not self.held.is_set():
            self.held.set()
            self._wait()
        return execute(sql, parameters, many, context)

    def _wait(self) -> None:
        if connection.vendor != "postgresql":
            return  # There is one writer, and it is us.
        for _ in range(int(SECONDS / POLL)):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone() != (0,):
                    return
            if self.other_ended.wait(POLL):
                return
        pytest.fail("nobody came")

    def run(self, first: Callable[[], object], second: Callable[[], object]) -> None:
        """Run the first up to the statement, then the second beside it, and both to their end."""

        def hold_the_first() -> None:
            with connection.execute_wrapper(self.hold):
                first()

        def follow() -> None:
            assert self.held.wait(SECONDS)
            try:
                second()
            finally:
                self.other_ended.set()

        together(hold_the_first, follow)
        assert self.held.is_set()


def session_ids() -> list[UUID]:
    """Newest first: not the order in which they are locked."""
    return list(Session.objects.order_by("-sid").values_list("sid", flat=True))


def sign_out(user: Any) -> None:
    """One session."""
    for sid in session_ids()[-1:]:
        end_session(sid)


def sign_out_everywhere(user: Any) -> None:
    """All at once."""
    revoke_user(user.pk, reason="signed_out")


def sign_out_some(user: Any) -> None:
    """Named in an order of their own."""
    revoke_sessions(session_ids(), reason="signed_out")


def change_password(user: Any) -> None:
    """In a transaction, as a view under ATOMIC_REQUESTS: the account first, then its sessions."""
    with transaction.atomic():
        user.set_password("another password altogether")
        # Not `save()`, which would write the account anew if it was deleted meanwhile.
        if get_user_model().objects.filter(pk=user.pk).update(password=user.password):
            revoke_user(user.pk, reason="password_changed")


CHANGES = [sign_out, sign_out_everywhere, sign_out_some, change_password]


@pytest.fixture
def several(transactional_db: None, user: Any) -> Any:
    """A user with sessions."""
    for _ in range(3):
        start_session(user)
    return user


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", ["tokenfamily", "session"])
def test_a_deletion_and_another_change_both_end(
    several: Any, table: str, change: Callable[[Any], None]
) -> None:
    """Wherever the other one comes: all is deleted, and each session is on record as revoked."""
    pk = several.pk
    sids = {str(sid) for sid in session_ids()}
    doomed, other = (get_user_model().objects.get(pk=pk) for _ in range(2))
    Meeting("DELETE FROM", table).run(doomed.delete, lambda: change(other))
    assert not get_user_model().objects.filter(pk=pk).exists()
    assert not Session.objects.exists()
    assert not TokenFamily.objects.exists()
    assert set(Revocation.objects.values_list("key", flat=True)) == sids


@pytest.mark.parametrize("change", CHANGES)
def test_another_change_and_a_deletion_both_end(several: Any, change: Callable[[Any], None]) -> None:
    """The other way round: the deletion comes while the families are about to be revoked."""
    pk = several.pk
    doomed, other = (get_user_model().objects.get(pk=pk) for _ in range(2))
    Meeting("UPDATE", "tokenfamily").run(lambda: change(other), doomed.delete)
    assert not get_user_model().objects.filter(pk=pk).exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "other",
    [lambda user: user.delete(), lambda _: list(flush()), sign_out_some],
    ids=["deletion", "flush", "sign-out"],
)
@pytest.mark.parametrize("table", ["tokenfamily", "session"])
def test_a_flush_and_another_change_both_end(
    several: Any, table: str, other: Callable[[Any], object]
) -> None:
    """Also of sessions that are over."""
    Session.objects.update(expires_at=Now() - 2 * SLACK)
    doomed = get_user_model().objects.get(pk=several.pk)
    Meeting("DELETE FROM", table).run(lambda: list(flush()), lambda: other(doomed))
    assert not Session.objects.exists()
    assert not TokenFamily.objects.exists()


def test_a_deletion_and_a_flush_both_end(several: Any) -> None:
    """The deletion first."""
    Session.objects.update(expires_at=Now() - 2 * SLACK)
    doomed = get_user_model().objects.get(pk=several.pk)
    Meeting("DELETE FROM", "session").run(doomed.delete, lambda: list(flush()))
    assert not Session.objects.exists()


def test_keeping_a_session_and_a_sign_in_both_end(several: Any, settings: Any) -> None:
    """In one transaction with the change of the password, while a sign-in makes room for itself."""
    settings.JOTPASS = {**settings.JOTPASS, "SESSIONS_PER_USER": 1}
    sid = session_ids()[0]
    family = TokenFamily.objects.get(session=sid)
    token = AccessToken({"sub": str(several.pk), "sid": str(sid), "fid": str(family.fid)})
    request = SimpleNamespace(user=several, auth=token)

    def change_and_keep() -> None:
        with transaction.atomic():
            several.set_password("another password altogether")
            assert keep_session(request)
            several.save()

    def sign_in() -> None:
        with suppress(NoActiveAccount):
            start_session(get_user_model().objects.get(pk=several.pk))

    meeting = Meeting("UPDATE", "")
    meeting.statement = f'UPDATE "{get_user_model()._meta.db_table}"'
    meeting.run(change_and_keep, sign_in)
    kept = Session.objects.get(sid=sid)
    several.refresh_from_db()
    assert kept.auth_hash == several.get_session_auth_hash()


# --- what is recorded ---------------------------------------------------------------------------------------


def recorded_by(user: Any) -> list[str]:
    """What the deletion of this user says to the database before it deletes."""
    with statements() as said:
        user.delete()
    verbs = [sql.split()[0] for sql in said if '"jotpass_' in sql]
    return verbs[: verbs.index("DELETE")]


def test_a_deletion_says_two_things_for_each_session(user: Any) -> None:
    """One locks it, one records it; the first statement of all finds them."""
    start_session(user)
    start_session(user)
    assert recorded_by(user) == ["SELECT", *["SELECT", "INSERT"] * 2]


def test_a_session_that_is_revoked_is_not_recorded_again(user: Any) -> None:
    """Its tokens are on record."""
    pair = start_session(user)
    end_session(pair.session_id)
    assert recorded_by(user) == ["SELECT", "SELECT"]
    assert Revocation.objects.get().key == pair.session_id


@pytest.mark.parametrize(("ago", "recorded"), [(0, True), (0.9, True), (1.1, False)])
def test_a_session_that_is_over_is_not_recorded(user: Any, ago: float, recorded: bool) -> None:
    """No token of it is alive: a minute after its end, by the database's clock."""
    start_session(user)
    Session.objects.update(expires_at=Now() - ago * SLACK)
    user.delete()
    assert Revocation.objects.exists() is recorded


def test_the_leeway_counts(user: Any, settings: Any) -> None:
    """Until it has passed, a token is accepted after its end."""
    settings.JOTPASS = {**settings.JOTPASS, "LEEWAY": 30}
    start_session(user)
    Session.objects.update(expires_at=Now() - 1.2 * SLACK)
    user.delete()
    assert Revocation.objects.exists()
