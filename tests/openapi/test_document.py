"""The schema as a document: valid, whole, and what a generator of clients can use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from django.urls import URLPattern

from jotpass.auth import errors
from jotpass.auth.drf import urls
from jotpass.auth.drf.errors import CODES
from jotpass.auth.drf.introspection import TokenIntrospectView
from jotpass.auth.drf.openapi import operation_of, operations
from jotpass.auth.drf.openapi_bodies import Body
from jotpass.auth.drf.serializers import (
    PasswordRequest,
    RefreshRequest,
    RevocationRequest,
    SessionSerializer,
    SignInRequest,
    SignOutRequest,
    TokenRequest,
)
from jotpass.auth.drf.views import (
    ReauthenticateView,
    SessionListView,
    SessionView,
    SignOutView,
    TokenRefreshView,
    TokenRevokeView,
    TokenVerifyView,
    TokenView,
)

if TYPE_CHECKING:
    from tests.openapi.conftest import Site

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def endpoints() -> set[tuple[type, str]]:
    """Every view of the contract with each method that it serves."""
    found = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        found |= {(view, method) for method in METHODS if hasattr(view, method.lower())}
    return found


@pytest.fixture(scope="module", params=["3.0.3", "3.1.1"])
def document(request: pytest.FixtureRequest, site: Site) -> dict[str, Any]:
    """What `manage.py spectacular` writes, in either version of OpenAPI."""
    command = ["spectacular", "--validate", "--fail-on-warn"]
    done = site.run("tests.openapi.site", *command, OPENAPI_VERSION=request.param)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    written: dict[str, Any] = yaml.safe_load(done.stdout)
    assert written["openapi"] == request.param
    return written


def test_every_endpoint_has_an_operation() -> None:
    """And there is no operation without an endpoint."""
    assert operations().keys() == endpoints()


def test_the_document_is_valid_and_whole(document: dict[str, Any]) -> None:
    """drf-spectacular finds no fault and gives no warning; every operation has the name that it was given."""
    written = [operation for path in document["paths"].values() for operation in path.values()]
    names = {operation["operationId"] for operation in written}
    assert names == {operation.name for operation in operations().values()} | {
        "whoami_retrieve",
        "whoareyou_retrieve",
        "shop_retrieve",
    }
    schemes = set(document["components"]["securitySchemes"])
    assert schemes == {"jotpassBearer", "jotpassClient"}
    bodies = {
        body.name
        for operation in operations().values()
        for body in (operation.answer, operation.body, operation.form)
        if isinstance(body, Body)
    }
    # drf-spectacular gives names to enumerations besides.
    assert {name for name in document["components"]["schemas"] if not name.endswith("Enum")} == bodies


def test_a_view_of_the_project_asks_for_a_bearer_token(document: dict[str, Any]) -> None:
    """The scheme stands on every view that `JWTAuthentication` protects, or what a project has made of it."""
    for path in ("/whoami/", "/whoareyou/"):
        assert document["paths"][path]["get"]["security"] == [{"jotpassBearer": []}]


def test_a_public_view_takes_a_token_or_none(document: dict[str, Any]) -> None:
    """Where `OptionalJWTAuthentication` stands, no credential will do as well."""
    assert document["paths"]["/shop/"]["get"]["security"] == [{"jotpassBearer": []}, {}]


def test_each_refusal_names_its_codes_and_headers(document: dict[str, Any]) -> None:
    """Every code of the contract stands somewhere, under its own status, with the headers it comes with."""
    found: dict[str, set[str]] = {}
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if operation["tags"] != ["jotpass"] or status < "400":
                    continue
                needed = {"401": {"WWW-Authenticate"}, "429": {"Retry-After"}, "503": {"Retry-After"}}
                assert response["headers"].keys() == {"Cache-Control"} | needed.get(status, set())
                schema = response["content"]["application/json"]["schema"]
                found.setdefault(status, set()).update(schema["properties"]["code"]["enum"])
    named = set().union(*found.values())
    views_of_the_project = {"insufficient_scope", "reauthentication_required"}
    elsewhere = {"method_not_allowed", "csrf_failed", "site_unknown"}
    assert named == (codes(errors.AuthError) | set(CODES.values())) - views_of_the_project - elsewhere


def codes(error: type[errors.AuthError]) -> set[str]:
    """Collect the codes of an error and of those below it."""
    own = {error.code} if "code" in vars(error) else set()
    return own.union(*(codes(below) for below in error.__subclasses__()))


def test_a_view_made_of_ours_has_its_schema() -> None:
    """A project that narrows a view keeps the operation; what it adds is left to be guessed."""

    class Narrower(TokenView):
        pass

    narrowed = operation_of(Narrower, "POST")
    assert narrowed is not None
    assert narrowed.name == "sign_in"
    assert operation_of(SessionView, "PATCH") is None


@pytest.mark.parametrize(
    ("scopes", "schema"),
    [
        (None, {"type": "string", "maxLength": 0}),
        (["a.b"], {"type": "string", "maxLength": 1000, "pattern": r"^((a\x2eb)( (a\x2eb))*)?$"}),
    ],
)
def test_the_schema_follows_the_settings(settings: Any, scopes: Any, schema: dict[str, Any]) -> None:
    """Scopes and clients of the project stand in it as they are."""
    settings.JOTPASS = {"SCOPES": scopes, "CLIENTS": ["first-party", "tv"]}
    body = operations()[TokenView, "POST"].body
    assert body is not None
    assert body.properties["scope"] == schema
    assert body.properties["client_id"]["enum"] == ["first-party", "tv"]


def written_with(site: Site, transports: list[str]) -> dict[str, Any]:
    """The document of a project that allows these transports."""
    command = ["spectacular", "--validate", "--fail-on-warn"]
    done = site.run("tests.openapi.site", *command, OPENAPI_TRANSPORTS=json.dumps(transports))
    assert done.returncode == 0, done.stderr
    written: dict[str, Any] = yaml.safe_load(done.stdout)
    return written


def test_cookies_stand_in_it_where_they_are_allowed(site: Site) -> None:
    """Schemes, the required header, what an answer lacks then, and the code of a refused request."""
    document = written_with(site, ["cookie", "body"])
    assert document["paths"]["/whoami/"]["get"]["security"] == [
        {"jotpassBearer": []},
        {"jotpassAccessCookie": []},
    ]
    cookie = document["components"]["securitySchemes"]["jotpassAccessCookie"]
    assert cookie == {"type": "apiKey", "in": "cookie", "name": "__Host-Http-jotpass_access"}
    sign_in = document["paths"]["/api/token/"]["post"]
    (header,) = sign_in["parameters"]
    assert (header["required"], header["schema"]["enum"]) == (True, ["cookie", "body"])
    assert "Set-Cookie" in sign_in["responses"]["200"]["headers"]
    assert document["components"]["schemas"]["JotpassTokenPair"]["required"] == ["expires_in"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            minds = method != "get" and path not in {"/api/token/verify/", "/api/token/introspect/"}
            assert ("403" in operation["responses"]) is minds, (path, method)


def test_a_hybrid_answer_always_has_the_access_token(site: Site) -> None:
    """And no cookie authenticates a call."""
    document = written_with(site, ["hybrid"])
    assert document["components"]["schemas"]["JotpassTokenPair"]["required"] == ["access", "expires_in"]
    assert document["paths"]["/api/session/"]["get"]["security"] == [{"jotpassBearer": []}]
    assert "jotpassRefreshCookie" in document["components"]["securitySchemes"]


def test_a_project_of_several_sites_may_be_asked_at_none(settings: Any) -> None:
    """Any operation may answer so, once there is somebody who decides."""
    assert all(421 not in operation.codes for operation in operations().values())
    settings.JOTPASS = {"SITE_RESOLVER": lambda _: None}
    assert all(operation.codes[421] == ["site_unknown"] for operation in operations().values())


def test_a_session_is_described_as_it_is_shown() -> None:
    """Each of its members, and no other."""
    answer = operations()[SessionListView, "GET"].answer
    assert answer is not None
    assert answer.properties.keys() == set(SessionSerializer.Meta.fields)
    assert set(answer.required) == answer.properties.keys()


@pytest.mark.parametrize(
    ("view", "request_of_the_view"),
    [
        (TokenView, SignInRequest),
        (TokenRefreshView, RefreshRequest),
        (TokenVerifyView, TokenRequest),
        (TokenRevokeView, RevocationRequest),
        (TokenIntrospectView, RevocationRequest),
        (SignOutView, SignOutRequest),
        (ReauthenticateView, PasswordRequest),
    ],
)
def test_a_request_is_described_as_it_is_read(view: type, request_of_the_view: type[Any]) -> None:
    """A field that a view learns to read has a place in the schema."""
    body = operations()[view, "POST"].body
    assert body is not None
    assert body.properties.keys() == set(request_of_the_view().fields)
