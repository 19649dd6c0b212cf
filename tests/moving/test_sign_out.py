"""Signing out here, while tokens of djangorestframework-simplejwt have yet to be exchanged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from jotpass.auth.models import Session
from jotpass.auth.revocation import revoke_session, revoke_user
from jotpass.auth.rotation import Rotation, rotate_refresh_token
from jotpass.auth.sessions import end_session, start_session
from tests.auth.people import create_user
from tests.auth.statements import statements
from tests.auth.together import together
from tests.moving.old_tokens import carried, carry_all, family_of, is_blacklisted, issue, old_refresh, refresh

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.test import APIClient

ROUNDS = 10


def test_signing_out_with_it_holds_on_both_sides(user: Any, client: APIClient) -> None:
    """A front end that still holds the old token signs out with it; the token of another device stays."""
    token, other = carried(user), carried(user)
    assert client.post("/api/logout/", {"refresh": token}, format="json").status_code == 204
    assert (old_refresh(token).status_code, refresh(token).status_code) == (401, 401)
    assert (is_blacklisted(token), is_blacklisted(other)) == (True, False)
    assert (old_refresh(other).status_code, refresh(other).status_code) == (200, 200)


def test_revoking_it_holds_on_both_sides(user: Any, client: APIClient) -> None:
    """RFC 7009: the family ends, and its token with it."""
    token = carried(user)
    assert client.post("/api/token/revoke/", {"token": token}, format="json").status_code == 200
    assert (old_refresh(token).status_code, refresh(token).status_code) == (401, 401)


def test_the_list_of_devices_reaches_across(user: Any, client: APIClient) -> None:
    """Ending a session of the list takes its token back; nobody else's, and no other of the person."""
    token, other, theirs = carried(user), carried(user), carried(create_user("else"))
    pair = refresh(other).json()
    path = f"/api/sessions/{family_of(token).session_id}/"
    ended = client.delete(path, headers={"Authorization": f"Bearer {pair['access']}"})
    assert ended.status_code == 204
    assert old_refresh(token).status_code == 401
    assert old_refresh(theirs).status_code == 200
    assert refresh(pair["refresh"]).status_code == 200


def test_signing_out_everywhere_else_reaches_across(user: Any, client: APIClient) -> None:
    """With the old token itself, which stays good for an exchange; the others are taken back."""
    token, others = carried(user), [carried(user) for _ in range(3)]
    answer = client.post("/api/logout/", {"refresh": token, "scope": "others"}, format="json")
    assert answer.status_code == 204
    assert [old_refresh(other).status_code for other in others] == [401, 401, 401]
    assert refresh(token).status_code == 200


@pytest.mark.parametrize("reason", ["password_changed", "session_limit", "account_inactive"])
def test_what_nobody_asked_for_does_not(user: Any, reason: str) -> None:
    """The views of djangorestframework-simplejwt go by their own rules where nobody signs out."""
    token = carried(user)
    assert revoke_user(user, reason=reason) == 1
    assert not is_blacklisted(token)
    assert refresh(token).status_code == 401


@pytest.mark.parametrize("ended_before", ["", "password_changed", "signed_out"])
def test_a_session_that_is_deleted_does_not_come_back(user: Any, ended_before: str) -> None:
    """With it goes all that is known of the token here: it is taken back, and not carried again."""
    token, other = carried(user), carried(user)
    session = family_of(token).session
    if ended_before:
        revoke_session(session.pk, reason=ended_before)
    session.delete()
    assert carry_all() == {"spent": 1, "carried_before": 1}
    assert (old_refresh(token).status_code, refresh(token).status_code) == (401, 401)
    assert (old_refresh(other).status_code, refresh(other).status_code) == (200, 200)


def test_sessions_that_the_admin_deletes_do_not_come_back(user: Any) -> None:
    """Many at once, as its action does it."""
    tokens, other = [carried(user) for _ in range(3)], carried(user)
    Session.objects.exclude(pk=family_of(other).session_id).delete()
    assert carry_all() == {"spent": 3, "carried_before": 1}
    assert [old_refresh(token).status_code for token in tokens] == [401] * 3


def test_what_was_not_carried_stays(user: Any) -> None:
    """A token that stands for no session is nobody's here."""
    issued = issue(user)
    start_session(user)
    assert revoke_user(user, reason="signed_out") == 1
    assert not is_blacklisted(issued)


def test_a_project_that_has_moved_pays_nothing(user: Any, settings: Any) -> None:
    """Without the setting the tables are not looked at."""
    carried(user)
    said = {}
    for on in (True, False):
        settings.JOTPASS = {"SIMPLEJWT_TOKENS": on}
        start_session(user)
        with statements() as of_this:
            revoke_user(user, reason="signed_out")
        said[on] = of_this
    assert any("token_blacklist" in statement for statement in said[True])
    assert not any("token_blacklist" in statement for statement in said[False])
    assert len(said[False]) < len(said[True])


@pytest.mark.django_db(transaction=True)
def test_a_sign_out_and_exchanges_at_once(user: Any) -> None:
    """Whoever is first, nobody waits for ever, and the token is dead on both sides afterwards."""
    for _ in range(ROUNDS):
        token = carried(user)
        exchange = partial(rotate_refresh_token, token)
        pieces: list[Callable[[], object]] = [
            exchange,
            exchange,
            partial(end_session, family_of(token).session_id),
        ]
        *rotations, ended = together(*pieces)
        assert ended is True
        for rotation in rotations:
            assert isinstance(rotation, Rotation)
            if rotation.pair is not None:
                assert refresh(rotation.pair.refresh).status_code == 401
        assert (old_refresh(token).status_code, refresh(token).status_code) == (401, 401)
