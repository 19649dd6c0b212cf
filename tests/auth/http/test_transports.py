"""X-Jotpass-Transport: how a client wants its tokens carried."""

from __future__ import annotations

from typing import Any

import pytest

from jotpass.auth.models import Session
from tests.auth.http.contract import PASSWORD, Api, check_refusal, read


def sign_in(api: Api, person: Any, transport: str) -> Any:
    """Sign in, asking for a transport."""
    fields = {"username": person.get_username(), "password": PASSWORD}
    return api.post("token/", fields, headers={"X-Jotpass-Transport": transport})


@pytest.mark.parametrize("transport", ["cookie", "hybrid", "BODY", "body, cookie", ""])
def test_a_transport_that_is_not_allowed_begins_no_session(api: Api, person: Any, transport: str) -> None:
    """Another transport than the project's is 400, not an answer by the one there is."""
    check_refusal(sign_in(api, person, transport), "transport_not_allowed")
    assert not Session.objects.exists()


def test_the_allowed_transport_may_be_named(api: Api, person: Any) -> None:
    """`body` is what there is without the header, too."""
    assert api.is_live(read(sign_in(api, person, "body")))


def test_a_refresh_token_is_not_used_up_by_asking_for_another_transport(
    api: Api, pair: dict[str, Any]
) -> None:
    """The refusal comes before the exchange: the same token still works afterwards, as the current one."""
    fields = {"refresh": pair["refresh"]}
    refused = api.post("token/refresh/", fields, headers={"X-Jotpass-Transport": "cookie"})
    check_refusal(refused, "transport_not_allowed")
    assert read(api.post("token/refresh/", fields))["refresh"] != pair["refresh"]


def test_authenticating_again_has_no_other_transport(api: Api, pair: dict[str, Any]) -> None:
    """Every endpoint that answers tokens asks the same question."""
    answer = api.post(
        "session/reauthenticate/",
        {"password": PASSWORD},
        bearer=pair["access"],
        headers={"X-Jotpass-Transport": "cookie"},
    )
    check_refusal(answer, "transport_not_allowed")
