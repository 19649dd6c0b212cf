"""Request bodies: one small JSON object in UTF-8, or 400, 413, 415 in the one shape."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from jotpass.auth.models import Session
from tests.auth.http.contract import CODES, FORM, OPEN_POSTS, PASSWORD, Api, check_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

LIMIT = 64 * 1024
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\na\r\n'
    b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\na\r\n--x--\r\n'
)
CREDENTIALS = {"username": "vitor@example.org", "password": PASSWORD}


def _padded(length: int) -> bytes:
    body = json.dumps(CREDENTIALS).encode()
    return body[:-1] + b" " * (length - len(body)) + b"}"


@pytest.mark.parametrize("path", OPEN_POSTS)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}{}",
        b"{} x",
        b"[]",
        b'[{"username": "a"}]',
        b'"text"',
        b"1",
        b"true",
        b"null",
        b" ",
        b"\x00",
        b"username=a&password=b",
        b'{"username": "a", "username": "a", "token": "a", "refresh": "a"}',
        b'{"n": {"a": 1, "a": 2}}',
        b'{"n": NaN}',
        b'{"n": -Infinity}',
        b'{"n": 1e999}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"n": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"n":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 60_000,
        b"\xef\xbb\xbf{}",
        '{"username": "a"}'.encode("utf-16"),
        '{"username": "a"}'.encode("utf-32"),
        '{"username": "é"}'.encode("latin-1"),
        b'{"username": "\xff\xfe"}',
        b'{"username": "\xed\xa0\x80"}',
        b'{"username": "\xc0\x80"}',
        b'{"token": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\x00"}',
        b'{"a": "line\nbreak"}',
        b"{'username': 'a'}",
        b'{"a": 1,}',
        b'{"a": 01}',
        b"// comment\n{}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_object_is_400(api: Api, path: str, body: bytes) -> None:
    """Whatever is not one strict JSON object is 400 without `errors`: no field is at fault."""
    answer = api.post(path, body)
    assert "errors" not in check_refusal(answer, "malformed_request")


def test_none_of_it_is_said_back(api: Api) -> None:
    """The answer to a malformed body holds nothing of it."""
    answer = api.post("token/", b'{"password": "hunter2", oops}')
    assert b"hunter2" not in answer.content
    assert b"oops" not in answer.content


@pytest.mark.parametrize("path", ["token/", "token/refresh/", "token/verify/", "token/revoke/"])
@pytest.mark.parametrize("body", [b"", b"{}", b'{"other": 1}'])
def test_a_missing_field_is_named(api: Api, path: str, body: bytes) -> None:
    """An empty body or object is 400, and `errors` names what is missing."""
    missing = {"token/": {"username", "password"}, "token/refresh/": {"refresh"}}.get(path, {"token"})
    assert check_refusal(api.post(path, body), "malformed_request")["errors"].keys() == missing


def test_unknown_members_are_ignored(api: Api, person: Any) -> None:
    """Members that the contract does not know change nothing, whatever they hold."""
    extra = {"remember": True, "nested": {"a": [1, {"b": None}]}, "id": 1, "": "", "is_superuser": True}
    assert api.post("token/", CREDENTIALS | extra).status_code == 200


@pytest.mark.parametrize("path", OPEN_POSTS)
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/json",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "application/json-patch+json",
        "application/jwt",
        "json",
        "/",
        ";",
        "application/json, text/plain",
    ],
)
def test_another_media_type_is_415(api: Api, path: str, content_type: str) -> None:
    """A body of another type than JSON is not looked at."""
    check_refusal(api.post(path, CREDENTIALS, content_type=content_type), "unsupported_media_type")


def test_a_body_without_a_type_is_415(api: Api) -> None:
    """A body that does not say what it is is not guessed at."""
    check_refusal(api.post("token/", CREDENTIALS, content_type=""), "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON",
        "application/json ; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/json;",
        'application/json; profile="x"',
    ],
)
def test_parameters_of_the_type_change_nothing(api: Api, person: Any, content_type: str) -> None:
    """JSON is UTF-8, whatever a charset parameter says (RFC 8259 s11)."""
    assert api.post("token/", CREDENTIALS, content_type=content_type).status_code == 200


def test_a_body_at_the_limit_is_read(api: Api, person: Any) -> None:
    """64 KiB exactly are read."""
    assert api.post("token/", _padded(LIMIT)).status_code == 200


@pytest.mark.parametrize("path", OPEN_POSTS)
@pytest.mark.parametrize("length", [LIMIT + 1, LIMIT * 2, 5 * 1024 * 1024])
def test_a_body_beyond_the_limit_is_413(api: Api, person: Any, path: str, length: int) -> None:
    """One byte more is 413, and nothing of it was acted upon."""
    check_refusal(api.post(path, _padded(length)), "request_too_large")
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("length", "code"),
    [
        ("", "malformed_request"),
        ("0", "malformed_request"),
        ("-1", "malformed_request"),
        ("nonsense", "malformed_request"),
        ("1e3", "malformed_request"),
        ("5", "malformed_request"),
        ("60000", "malformed_request"),
        ("9" * 19, "request_too_large"),
        ("9" * 5000, "malformed_request"),
        ("\xb2", "malformed_request"),
    ],
    ids=lambda value: value[:20],
)
@pytest.mark.django_db
def test_a_length_that_lies(length: str, code: str) -> None:
    """A Content-Length that is no number, too small, too large or enormous is answered in the one shape."""
    body = b'{"username": "a"}'
    environ = RequestFactory().post("/api/token/", content_type="application/json").environ
    environ |= {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(body)}
    handler: Any = WSGIHandler()
    started: list[str] = []
    content = b"".join(handler(environ, lambda status, _: started.append(status)))
    assert json.loads(content)["code"] == code
    assert int(started[0][:3]) == CODES[code]


def test_a_body_of_unknown_length_is_400(api: Api) -> None:
    """A body in chunks, which Django takes for an empty one, is refused instead of ignored."""
    answer = api.post("logout/", headers={"Transfer-Encoding": "chunked"})
    assert "Content-Length" in check_refusal(answer, "malformed_request")["detail"]


def test_half_a_request_is_400(person: Any) -> None:
    """A body that ends before its announced length is not acted upon, even if it reads like a whole one."""
    body = json.dumps(CREDENTIALS).encode()
    environ = RequestFactory().post("/api/token/", content_type="application/json").environ
    environ |= {"CONTENT_LENGTH": str(len(body) + 1), "wsgi.input": BytesIO(body)}
    handler: Any = WSGIHandler()
    started: list[str] = []
    b"".join(handler(environ, lambda status, _: started.append(status)))
    assert started == ["400 Bad Request"]
    assert not Session.objects.exists()


def test_a_token_of_five_megabytes_is_413(api: Api) -> None:
    """A refresh token of 5 MB in the body is 413."""
    check_refusal(api.post("token/refresh/", {"refresh": "x" * 5_000_000}), "request_too_large")


def test_a_form_has_the_same_limit(api: Api) -> None:
    """The one endpoint that reads forms reads no larger ones."""
    form = "application/x-www-form-urlencoded"
    answer = api.post("token/revoke/", b"token=" + b"x" * LIMIT, content_type=form)
    check_refusal(answer, "request_too_large")


def test_the_limit_holds_where_a_token_is_needed(api: Api, pair: dict[str, Any]) -> None:
    """Endpoints for who is signed in have the limit, too."""
    for method, path in (("POST", "session/reauthenticate/"), ("PATCH", "sessions/x/")):
        answer = api.call(method, path, _padded(LIMIT + 1), bearer=pair["access"])
        check_refusal(answer, "request_too_large")


def test_the_projects_upload_limit_is_ours_to_answer(api: Api, transactional_db: None, settings: Any) -> None:
    """A smaller DATA_UPLOAD_MAX_MEMORY_SIZE of the project changes neither shape nor status."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    check_refusal(api.post("token/", {"username": "somebody", "password": "x"}), "no_active_account")


def reads_forms(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware of the project that looks into every form before the view does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.POST.get("tenant")
        return get_response(request)

    return middleware


@pytest.mark.parametrize("path", OPEN_POSTS)
@pytest.mark.parametrize("read_before", [False, True])
def test_a_multipart_form_is_415(api: Api, settings: Any, path: str, read_before: bool) -> None:
    """Whether or not a middleware has read it: an upload is no request of the contract."""
    if read_before:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.reads_forms"]
    answer = api.post(path, MULTIPART, content_type="multipart/form-data; boundary=x")
    check_refusal(answer, "unsupported_media_type")


def test_a_form_that_was_read_before(api: Api, pair: dict[str, Any], settings: Any) -> None:
    """What takes forms takes one that a middleware has read, as strictly as any."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.reads_forms"]
    twice = api.post("token/revoke/", b"token=a&token=b", content_type=FORM)
    check_refusal(twice, "malformed_request")
    form = urlencode({"token": pair["refresh"]}).encode()
    assert api.post("token/revoke/", form, content_type=FORM).status_code == 200
    assert not api.is_live(pair)
