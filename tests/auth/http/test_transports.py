"""How tokens travel: a transport that the project does not allow is refused before anything is done."""

from __future__ import annotations

from typing import Any

import pytest

from jotpass.auth.models import Session, TokenFamily
from tests.auth.http.contract import PASSWORD, Api, check_refusal

HEADER = "X-Jotpass-Transport"
REFUSED = ["cookie", "hybrid", "Body", "body, cookie", "", " ", "nonsense", "\xff"]


@pytest.mark.parametrize("transport", REFUSED)
def test_sign_in_refuses_another_transport(api: Api, person: Any, transport: str) -> None:
    """A transport outside TRANSPORTS is 400, and no session was begun."""
    body = {"username": person.get_username(), "password": PASSWORD}
    answer = api.post("token/", body, headers={HEADER: transport})
    check_refusal(answer, "transport_not_allowed")
    assert not answer.cookies
    assert not Session.objects.exists()


@pytest.mark.parametrize("transport", REFUSED)
def test_refresh_refuses_another_transport(api: Api, pair: dict[str, Any], transport: str) -> None:
    """The same at the refresh, and the refresh token was not used up."""
    answer = api.post("token/refresh/", {"refresh": pair["refresh"]}, headers={HEADER: transport})
    check_refusal(answer, "transport_not_allowed")
    assert TokenFamily.objects.get().generation == 1


def test_the_allowed_transport_may_be_asked_for(api: Api, person: Any) -> None:
    """Asking for the transport that there is changes nothing, and nothing is put into a cookie."""
    body = {"username": person.get_username(), "password": PASSWORD}
    answer = api.post("token/", body, headers={HEADER: "body"})
    assert answer.status_code == 200
    assert not answer.cookies
