"""POST token/revoke/: RFC 7009, in JSON or as a form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.auth.http.contract import FORM, Api, check_refusal, read
from tests.auth.http.signed_tokens import expired_access_token

FORMATS = ["json", "form"]


def _revoke(api: Api, token: str, how: str) -> None:
    if how == "json":
        answer = api.post("token/revoke/", {"token": token})
    else:
        answer = api.post("token/revoke/", urlencode({"token": token}).encode(), content_type=FORM)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert read(answer) == {}


@pytest.mark.parametrize("how", FORMATS)
def test_a_refresh_token_ends_its_family(api: Api, pair: dict[str, Any], how: str) -> None:
    """After a refresh token is revoked, neither it nor the access tokens beside it work."""
    _revoke(api, pair["refresh"], how)
    assert not api.is_live(pair)
    check_refusal(api.post("token/refresh/", {"refresh": pair["refresh"]}), "refresh_invalid")


@pytest.mark.parametrize("how", FORMATS)
def test_an_access_token_ends_itself_alone(api: Api, pair: dict[str, Any], how: str) -> None:
    """After an access token is revoked, its refresh token still works, and so does the next access token."""
    _revoke(api, pair["access"], how)
    check_refusal(api.get("session/", bearer=pair["access"]), "token_revoked")
    assert api.is_live(api.refresh(pair))


def test_a_replaced_refresh_token_ends_its_family(api: Api, pair: dict[str, Any]) -> None:
    """A refresh token that was replaced still names its family: who hands it in wants it to end."""
    child = api.refresh(pair)
    _revoke(api, pair["refresh"], "json")
    assert not api.is_live(child)


def test_only_the_family_ends(api: Api, person: Any, pair: dict[str, Any]) -> None:
    """Another session of the same person goes on."""
    other = api.sign_in(person)
    _revoke(api, pair["refresh"], "json")
    assert api.is_live(other)


@pytest.mark.parametrize("how", FORMATS)
def test_twice_is_once(api: Api, pair: dict[str, Any], how: str) -> None:
    """Revoking what is revoked is 200 again (RFC 7009 s2.2)."""
    for token in (pair["access"], pair["refresh"]):
        _revoke(api, token, how)
        _revoke(api, token, how)


@pytest.mark.parametrize("how", FORMATS)
@pytest.mark.parametrize(
    "token",
    ["garbage", "", " ", "\x00", "a\x00b", "a.b.c", "é", "👩‍🚀", "x" * 20_000, "null", "\u2028", "%00"],
)
def test_any_string_is_200(api: Api, token: str, how: str) -> None:
    """Who hands in a string that is no token of ours learns nothing."""
    _revoke(api, token, how)


def test_an_expired_access_token_is_200(api: Api, pair: dict[str, Any]) -> None:
    """An expired access token needs no revocation, and its session goes on."""
    _revoke(api, expired_access_token(pair["access"]), "json")
    assert api.is_live(pair)


@given(token=st.text(max_size=300), how=st.sampled_from(FORMATS))
def test_no_string_is_refused(token: str, how: str) -> None:
    """Whatever text is handed in, the answer is 200."""
    _revoke(Api(), token, how)


def test_a_hint_is_understood_and_ignored(api: Api, pair: dict[str, Any]) -> None:
    """`token_type_hint` changes nothing, right or wrong (RFC 7009 s2.1)."""
    form = urlencode({"token": pair["refresh"], "token_type_hint": "access_token"}).encode()
    assert api.post("token/revoke/", form, content_type=f"{FORM}; charset=UTF-8").status_code == 200
    assert not api.is_live(pair)


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"tok=x",
        b"token=a&token=b",
        b"&".join(b"f%d=x" % number for number in range(2000)),
        b"\xff\xfe=\xff",
    ],
)
def test_a_malformed_form_is_400(api: Api, form: bytes) -> None:
    """A form without the token, with it twice, with countless fields or in no UTF-8 is refused."""
    check_refusal(api.post("token/revoke/", form, content_type=FORM), "malformed_request")


@pytest.mark.parametrize("path", ["token/", "token/refresh/", "token/verify/", "logout/"])
def test_only_here_a_form_is_read(api: Api, path: str) -> None:
    """The other endpoints take JSON alone: a form of another site's page is 415."""
    answer = api.post(path, b"username=a&password=b&token=c&refresh=d&scope=all", content_type=FORM)
    check_refusal(answer, "unsupported_media_type")
