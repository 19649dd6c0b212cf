"""POST token/verify/: is this access token good? Never an oracle for refresh tokens."""

from __future__ import annotations

from typing import Any

import pytest

from jotpass.auth.models import TokenFamily
from jotpass.auth.revocation import revoke_family
from tests.auth.http.contract import Api, check_challenge, check_refusal, read
from tests.auth.http.signed_tokens import expired_access_token


def test_a_good_access_token(api: Api, pair: dict[str, Any]) -> None:
    """A live access token gets 200 and an empty object."""
    answer = api.post("token/verify/", {"token": pair["access"]})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert read(answer) == {}


def test_each_refusal_has_its_code(api: Api, pair: dict[str, Any]) -> None:
    """Expired, revoked, malformed and forged access tokens are told apart by their codes."""

    def refused(token: str, code: str) -> None:
        check_challenge(api.post("token/verify/", {"token": token}), code, credential_came=False)

    refused(expired_access_token(pair["access"]), "token_expired")
    refused("garbage", "token_malformed")
    refused(pair["access"][:-8] + "AAAAAAAA", "token_invalid")
    api.post("logout/", bearer=pair["access"])
    refused(pair["access"], "token_revoked")


def test_it_is_no_oracle_for_refresh_tokens(api: Api, pair: dict[str, Any]) -> None:
    """A current, a replaced, a revoked and an invented refresh token get the same bytes."""
    child = api.refresh(pair)
    tokens = [pair["refresh"], child["refresh"], child["refresh"][:-8] + "AAAAAAAA"]
    before = [api.post("token/verify/", {"token": token}) for token in tokens]
    revoke_family(TokenFamily.objects.get().fid, reason="test")
    after = [api.post("token/verify/", {"token": token}) for token in tokens]
    for answer in (*before, *after):
        check_refusal(answer)
        assert answer.status_code == 401
    assert len({answer.content for answer in (*before, *after)}) == 1


@pytest.mark.parametrize("header", ["Bearer x", "Basic eDp5", "nonsense"])
def test_the_header_is_not_asked(api: Api, pair: dict[str, Any], header: str) -> None:
    """The token in the body is judged, and nothing in the header."""
    answer = api.post("token/verify/", {"token": pair["access"]}, headers={"Authorization": header})
    assert answer.status_code == 200
