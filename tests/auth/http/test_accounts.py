"""Accounts that change under a live token: deleted, deactivated, renamed, with another password."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from jotpass.auth.models import Session
from tests.auth.http.contract import PASSWORD, SIGNED_IN, Api, check_challenge, check_refusal, read
from tests.auth.http.signed_tokens import claims_of, sign_access_token


@pytest.fixture
def orphan(api: Api, pair: dict[str, Any]) -> str:
    """An access token of a person whose row is not there, and of whom nothing was recorded."""
    sub = (
        "987654321"
        if claims_of(pair["access"])["sub"].isdecimal()
        else "0197f000-0000-7000-8000-000000000000"
    )
    return sign_access_token(claims_of(pair["access"]) | {"sub": sub, "sid": "gone", "fid": "gone"})


def test_deletion_reaches_every_token(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """After the person is deleted, access and refresh tokens are refused everywhere."""
    person.delete()
    for method, path in SIGNED_IN:
        check_challenge(api.call(method, path, bearer=pair["access"]), "token_revoked", credential_came=True)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")
    assert api.post("logout/", {"refresh": pair["refresh"]}).status_code == 204
    assert not api.is_live(pair)


def test_bulk_deletion_does_as_well(api: Api, pair: dict[str, Any]) -> None:
    """`queryset.delete()` is a deletion, too."""
    get_user_model().objects.all().delete()
    assert not api.is_live(pair)


def test_a_user_without_a_row_is_401_when_read(api: Api, orphan: str) -> None:
    """Where an endpoint reads the user of a good token, and there is none, it is `no_active_account`."""
    check_challenge(api.get("session/", bearer=orphan), "no_active_account", credential_came=True)
    answer = api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=orphan)
    check_challenge(answer, "no_active_account", credential_came=True)


def test_a_user_without_a_row_has_no_sessions(api: Api, orphan: str) -> None:
    """What reads the primary key alone finds nothing that belongs to it, and fails nowhere."""
    assert read(api.get("sessions/", bearer=orphan)) == []
    for method in ("PATCH", "DELETE"):
        check_refusal(api.call(method, "sessions/gone/", {"label": "x"}, bearer=orphan), "session_unknown")
    assert api.post("logout/", {"scope": "all"}, bearer=orphan).status_code == 204


def test_deactivation_reaches_every_token(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """After `is_active = False` and `save()`, every token is refused."""
    person.is_active = False
    person.save()
    check_challenge(api.get("session/", bearer=pair["access"]), "token_revoked", credential_came=True)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")


def test_a_quiet_deactivation_is_noticed_at_the_refresh(api: Api, pair: dict[str, Any]) -> None:
    """`queryset.update()` sends no signal; the next refresh notices, and ends the session."""
    get_user_model().objects.update(is_active=False)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")
    assert not api.is_live(pair)
    assert Session.objects.get().revoked_reason == "account_inactive"


def test_an_inactive_person_cannot_reauthenticate(api: Api, pair: dict[str, Any]) -> None:
    """The right password of an inactive account is no authentication."""
    get_user_model().objects.update(is_active=False)
    answer = api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=pair["access"])
    check_challenge(answer, "no_active_account", credential_came=False)


def test_a_new_password_ends_every_session(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """After another password is saved, the tokens of the old one are refused."""
    person.set_password("another")
    person.save()
    assert not api.is_live(pair)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")


def test_another_name_keeps_the_session(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """A person is known by primary key: a new name changes no session, and is what the next answer says."""
    setattr(person, person.USERNAME_FIELD, "renamed@example.org")
    person.save()
    assert read(api.get("session/", bearer=pair["access"]))["user"]["username"] == "renamed@example.org"
    assert api.is_live(api.refresh(pair))


def test_sign_in_leaves_no_session_of_a_deleted_person(api: Api, person: Any) -> None:
    """A person deleted between the password check and the first token is 401, and leaves no rows."""
    user_model: Any = get_user_model()
    gone: list[int] = []

    def delete_once_read(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if not gone:
            gone.append(1)
            user_model.objects.filter(pk=person.pk)._raw_delete("default")
        return answer

    with connection.execute_wrapper(delete_once_read):
        answer = api.post("token/", {"username": person.get_username(), "password": PASSWORD})
    check_challenge(answer, "no_active_account", credential_came=False)
    assert gone
    assert not Session.objects.exists()
