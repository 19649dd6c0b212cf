"""POST logout/: `current` never fails; `others` and `all` take a live credential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from jotpass.auth.models import Session
from tests.auth.http.contract import Api, check_challenge, check_refusal, create_person
from tests.auth.http.signed_tokens import expired_access_token

if TYPE_CHECKING:
    from collections.abc import Callable

Credentials = dict[str, Any]


def _live_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"bearer": pair["access"]}


def _expired_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"bearer": expired_access_token(pair["access"])}


def _refresh(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"refresh": pair["refresh"]}


def _replaced_in_grace(api: Api, pair: dict[str, Any]) -> Credentials:
    api.refresh(pair)
    return {"refresh": pair["refresh"]}


def _garbage_refresh_beside_live_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"refresh": "garbage", "bearer": pair["access"]}


def _refresh_beside_garbage_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"refresh": pair["refresh"], "bearer": "garbage"}


def _reused(api: Api, pair: dict[str, Any]) -> Credentials:
    api.refresh(api.refresh(pair))
    return {"refresh": pair["refresh"]}


def _missing(api: Api, pair: dict[str, Any]) -> Credentials:
    return {}


def _garbage_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"bearer": "garbage"}


def _two_words(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"bearer": f"{pair['access']} {pair['access']}"}


def _garbage_refresh(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"refresh": "garbage"}


def _forged_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"bearer": pair["access"][:-8] + "AAAAAAAA"}


def _refresh_as_access(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"bearer": pair["refresh"]}


def _access_as_refresh(api: Api, pair: dict[str, Any]) -> Credentials:
    return {"refresh": pair["access"]}


def _revoked_access(api: Api, pair: dict[str, Any]) -> Credentials:
    api.post("token/revoke/", {"token": pair["access"]})
    return {"bearer": pair["access"]}


def _of_an_ended_session(api: Api, pair: dict[str, Any]) -> Credentials:
    api.post("logout/", bearer=pair["access"])
    return {"refresh": pair["refresh"]}


if TYPE_CHECKING:
    Presenting = Callable[[Api, dict[str, Any]], Credentials]

OURS = [
    _live_access,
    _expired_access,
    _refresh,
    _replaced_in_grace,
    _garbage_refresh_beside_live_access,
    _refresh_beside_garbage_access,
    _reused,
    _revoked_access,
]
NOT_OURS = [
    _missing,
    _garbage_access,
    _two_words,
    _garbage_refresh,
    _forged_access,
    _refresh_as_access,
    _access_as_refresh,
]
DEAD_BEARERS = {
    _expired_access: "token_expired",
    _garbage_access: "token_malformed",
    _two_words: "token_malformed",
    _forged_access: "token_invalid",
    _revoked_access: "token_revoked",
}
DEAD_REFRESHES = [_garbage_refresh, _access_as_refresh, _reused, _of_an_ended_session]


def _sign_out(api: Api, credentials: Credentials, scope: str | None = None) -> Any:
    body = {"refresh": credentials["refresh"]} if "refresh" in credentials else {}
    if scope is not None:
        body["scope"] = scope
    return api.post("logout/", body or None, bearer=credentials.get("bearer"))


@pytest.mark.parametrize("scope", [None, "current"])
@pytest.mark.parametrize("present", OURS)
def test_any_token_of_ours_ends_its_session(
    api: Api, pair: dict[str, Any], present: Presenting, scope: str | None
) -> None:
    """Live or expired, current or replaced: the session that the token belongs to has ended afterwards."""
    answer = _sign_out(api, present(api, pair), scope)
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer["Cache-Control"] == "no-store"
    assert not api.is_live(pair)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")
    assert Session.objects.get().revoked_at is not None


@pytest.mark.parametrize("present", NOT_OURS)
def test_anything_else_is_204_and_ends_nothing(api: Api, pair: dict[str, Any], present: Presenting) -> None:
    """Signing out always succeeds for who asks, and what is no token of ours ends nobody's session."""
    assert _sign_out(api, present(api, pair)).status_code == 204
    assert api.is_live(pair)


@pytest.mark.parametrize("body", [{"refresh": ""}, {"refresh": None}, {"scope": "current", "refresh": ""}])
def test_an_empty_refresh_token_is_none(api: Api, pair: dict[str, Any], body: dict[str, Any]) -> None:
    """A client that has lost its refresh token signs out with the access token."""
    assert api.post("logout/", body, bearer=pair["access"]).status_code == 204
    assert not api.is_live(pair)


@pytest.mark.parametrize("present", [_live_access, _refresh, _replaced_in_grace])
def test_others_spares_the_current_session(
    api: Api, person: Any, pair: dict[str, Any], present: Presenting
) -> None:
    """Scope `others` ends every session of the person but the one that asks."""
    others = [api.sign_in(person), api.sign_in(person)]
    assert _sign_out(api, present(api, pair), "others").status_code == 204
    assert api.is_live(pair)
    assert not any(map(api.is_live, others))


@pytest.mark.parametrize("present", [_live_access, _refresh, _replaced_in_grace])
def test_all_ends_every_session(api: Api, person: Any, pair: dict[str, Any], present: Presenting) -> None:
    """Scope `all` ends every session of the person, the one that asks included."""
    other = api.sign_in(person)
    assert _sign_out(api, present(api, pair), "all").status_code == 204
    assert not api.is_live(pair)
    assert not api.is_live(other)


def test_other_people_stay(api: Api, pair: dict[str, Any]) -> None:
    """Signing out everywhere concerns one person."""
    somebody = api.sign_in(create_person("ada@example.org"))
    assert api.post("logout/", {"scope": "all"}, bearer=pair["access"]).status_code == 204
    assert api.is_live(somebody)


@pytest.mark.parametrize("scope", ["others", "all"])
@pytest.mark.parametrize(("present", "code"), DEAD_BEARERS.items())
def test_a_dead_access_token_ends_no_others(
    api: Api, pair: dict[str, Any], present: Presenting, code: str, scope: str
) -> None:
    """For `others` and `all`, an access token that is not live is 401 with its code and ends nothing."""
    other = api.sign_in(get_user_model().objects.get())
    answer = _sign_out(api, present(api, pair), scope)
    check_challenge(answer, code, credential_came=True)
    assert api.is_live(other)


@pytest.mark.parametrize("scope", ["others", "all"])
@pytest.mark.parametrize("present", DEAD_REFRESHES)
def test_a_dead_refresh_token_ends_no_others(
    api: Api, person: Any, pair: dict[str, Any], present: Presenting, scope: str
) -> None:
    """For `others` and `all`, a refresh token that is not live is 401 and ends no other session."""
    other = api.sign_in(person)
    answer = _sign_out(api, present(api, pair), scope)
    check_challenge(answer, "refresh_invalid", credential_came=False)
    assert api.is_live(other)


@pytest.mark.parametrize("scope", ["others", "all"])
def test_without_a_credential_they_are_401(api: Api, pair: dict[str, Any], scope: str) -> None:
    """For `others` and `all`, a missing credential is `token_missing`, with a bare challenge."""
    check_challenge(api.post("logout/", {"scope": scope}), "token_missing", credential_came=False)


def test_a_refresh_token_as_bearer_is_refused(api: Api, pair: dict[str, Any]) -> None:
    """A refresh token in the header is no access token, and no live credential."""
    answer = api.post("logout/", {"scope": "all"}, bearer=pair["refresh"])
    assert answer.status_code == 401
    assert api.is_live(pair)


@pytest.mark.parametrize("scope", ["everything", "", None, 1, True, ["all"], {"all": 1}, "ALL", "all "])
def test_an_unknown_scope_is_400(api: Api, pair: dict[str, Any], scope: object) -> None:
    """A scope that does not exist ends nothing, and is not said back."""
    answer = api.post("logout/", {"scope": scope}, bearer=pair["access"])
    assert check_refusal(answer, "malformed_request")["errors"].keys() == {"scope"}
    assert b"everything" not in answer.content
    assert api.is_live(pair)
