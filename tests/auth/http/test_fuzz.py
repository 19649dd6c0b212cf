"""Any request at all: never a 5xx, always the one shape, always uncacheable."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.auth.http.contract import (
    FORM,
    JSON,
    OPEN_POSTS,
    PASSWORD,
    SIGNED_IN,
    Api,
    check_refusal,
    read,
    undone,
)

if TYPE_CHECKING:
    from django.http import HttpResponse

ENDPOINTS = [*(("POST", path) for path in OPEN_POSTS), *SIGNED_IN]
MEMBERS = ["username", "email", "password", "client_id", "remember_me", "refresh", "token", "scope", "label"]
LIKELY = ["vitor@example.org", PASSWORD, "current", "others", "all", "first-party", "ACCESS", "REFRESH"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=40)
    | st.sampled_from(LIKELY)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=8), values, max_size=6)
bodies = st.one_of(
    objects.map(lambda value: json.dumps(value).encode()),
    values.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.binary(max_size=200),
)
content_types = st.sampled_from([JSON, JSON, JSON, FORM, "", "text/plain"]) | st.text(
    st.characters(min_codepoint=32, max_codepoint=126), max_size=40
)
latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
authorizations = st.one_of(
    st.none(),
    latin,
    latin.map("Bearer {}".format),
    st.sampled_from(["Bearer ACCESS", "bearer REFRESH", "Bearer ACCESS ACCESS", "Basic ACCESS", "ACCESS"]),
)
headers = st.dictionaries(
    st.sampled_from(["User-Agent", "Accept", "X-Jotpass-Transport", "Cookie", "Referer", "Origin"]),
    latin,
    max_size=3,
)


@dataclass(frozen=True)
class Sent:
    """What a client sends beside method and path; ACCESS and REFRESH stand for live tokens."""

    body: bytes
    content_type: str
    authorization: str | None
    headers: dict[str, str]

    def filled(self, tokens: dict[str, str]) -> Sent:
        """The same with the tokens in place of the words."""
        headers = dict(self.headers)
        if self.authorization is not None:
            headers["Authorization"] = self.authorization
        body = self.body
        for word, token in tokens.items():
            body = body.replace(word.encode(), token.encode())
            headers = {name: value.replace(word, token) for name, value in headers.items()}
        return replace(self, body=body, headers=headers)


def _check(answer: HttpResponse) -> None:
    assert answer.status_code < 500, answer.content
    assert answer["Cache-Control"] == "no-store"
    if answer.status_code == 204:
        assert answer.content == b""
    elif answer.status_code >= 400:
        check_refusal(answer)
    else:
        assert answer.status_code == 200
        read(answer)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@given(sent=st.builds(Sent, bodies, content_types, authorizations, headers))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_request_is_answered(person: Any, method: str, path: str, sent: Sent) -> None:
    """Whatever stands in body, content type and headers, with or without live tokens among it."""
    api = Api()
    with undone():
        pair = api.sign_in(person)
        filled = sent.filled({"ACCESS": pair["access"], "REFRESH": pair["refresh"]})
        _check(api.call(method, path, filled.body, content_type=filled.content_type, headers=filled.headers))


@given(sid=st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_of_a_session_is_answered(pair: dict[str, Any], sid: str) -> None:
    """Whatever stands in the path where a sid belongs is no session, or no path of ours."""
    api = Api()
    answer = api.call("DELETE", f"sessions/{quote(sid, safe='')}/", bearer=pair["access"])
    check_refusal(answer, "session_unknown")
