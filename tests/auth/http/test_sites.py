"""Two sites in one process: each issuer's tokens are its own, and an unknown host is refused, never a 500."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.http import Http404, HttpRequest
from django.test import RequestFactory

from jotpass.auth import errors
from jotpass.auth.policy import request_policy, token_policy
from jotpass.auth.rotation import Rotation, rotate_refresh_token
from jotpass.auth.sessions import start_session
from jotpass.auth.setting_values import MAX_ISSUER_LENGTH
from jotpass.auth.sites import Site, default_site, site_of
from tests.auth.http.contract import CODES, Api, check_refusal, read
from tests.auth.people import claims_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SITES: Final[Mapping[str, Site]] = {
    "one.example": Site("https://one.example", "https://one.example"),
    "two.example": Site("https://two.example", ("https://two.example", "urn:both")),
}
ONE: Final = {"Host": "one.example"}
TWO: Final = {"Host": "two.example"}
NOWHERE: Final = {"Host": "three.example"}


def by_host(request: HttpRequest) -> Site:
    """The simplest resolver: a look-up that fails as look-ups do."""
    return SITES[request.get_host()]


@pytest.fixture(autouse=True)
def _two_sites(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.JOTPASS = {"SITE_RESOLVER": "tests.auth.http.test_sites.by_host"}


def sign_in(api: Api, person: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    """Sign in at one of the sites."""
    credentials = {"username": person.get_username(), "password": "correct horse battery staple"}
    answer = api.post("token/", credentials, headers=headers)
    assert answer.status_code == 200, answer.content
    return read(answer)  # type: ignore[no-any-return]


def test_each_site_issues_in_its_own_name(api: Api, person: Any) -> None:
    """``iss`` and ``aud`` are those of the host that was asked, in access and refresh token."""
    one, two = (sign_in(api, person, host) for host in (ONE, TWO))
    assert claims_of(one["access"])["iss"] == claims_of(one["refresh"])["iss"] == "https://one.example"
    assert claims_of(two["access"])["iss"] == claims_of(two["refresh"])["iss"] == "https://two.example"
    assert claims_of(two["access"])["aud"] == ["https://two.example", "urn:both"]


def test_an_access_token_is_good_at_its_own_site_alone(api: Api, person: Any) -> None:
    """On a project's view, on ours, in the verify endpoint."""
    one = sign_in(api, person, ONE)["access"]
    for path in ("/whoami/", "session/"):
        assert api.get(path, bearer=one, headers=ONE).status_code == 200
        assert api.get(path, bearer=one, headers=TWO).status_code == 401
    assert api.post("token/verify/", {"token": one}, headers=ONE).status_code == 200
    check_refusal(api.post("token/verify/", {"token": one}, headers=TWO), "token_invalid")


def test_a_refresh_token_is_good_at_its_own_site_alone(api: Api, person: Any) -> None:
    """And trying it elsewhere is no reuse: the family lives on."""
    pair = sign_in(api, person, ONE)
    refresh = {"refresh": pair["refresh"]}
    check_refusal(api.post("token/refresh/", refresh, headers=TWO), "refresh_invalid")
    answer = api.post("token/refresh/", refresh, headers=ONE)
    assert answer.status_code == 200
    assert claims_of(read(answer)["access"])["iss"] == "https://one.example"


def test_a_foreign_site_revokes_nothing(api: Api, person: Any) -> None:
    """Neither the revocation endpoint nor signing out ends what another site issued."""
    pair = sign_in(api, person, ONE)
    for token in (pair["access"], pair["refresh"]):
        assert api.post("token/revoke/", {"token": token}, headers=TWO).status_code == 200
    signed_out = api.post("logout/", {"refresh": pair["refresh"]}, bearer=pair["access"], headers=TWO)
    assert signed_out.status_code == 204
    assert api.get("session/", bearer=pair["access"], headers=ONE).status_code == 200
    assert api.post("logout/", {}, bearer=pair["access"], headers=ONE).status_code == 204
    assert api.get("session/", bearer=pair["access"], headers=ONE).status_code == 401


def test_reauthentication_stays_at_the_site(api: Api, person: Any) -> None:
    """The new pair has the issuer of the old one."""
    pair = sign_in(api, person, TWO)
    fields = {"password": "correct horse battery staple"}
    answer = api.post("session/reauthenticate/", fields, bearer=pair["access"], headers=TWO)
    assert answer.status_code == 200
    assert claims_of(read(answer)["access"])["iss"] == "https://two.example"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("token/", {"username": "vitor@example.org", "password": "correct horse battery staple"}),
        ("token/refresh/", {"refresh": "a.b.c"}),
        ("token/verify/", {"token": "a.b.c"}),
        ("token/revoke/", {"token": "a.b.c"}),
        ("logout/", {"refresh": "a.b.c"}),
    ],
)
def test_an_unknown_host_is_refused(api: Api, person: Any, path: str, body: dict[str, str]) -> None:
    """With a code of its own, which says that the address is at fault and no token (RFC 9110 s15.5.20)."""
    check_refusal(api.post(path, body, headers=NOWHERE), "site_unknown")


def test_a_token_at_an_unknown_host_is_refused(api: Api, person: Any) -> None:
    """On a project's view as well; who brings no token there is told to bring one."""
    pair = sign_in(api, person, ONE)
    answer = api.get("/whoami/", bearer=pair["access"], headers=NOWHERE)
    assert answer.status_code == CODES["site_unknown"]
    assert read(answer)["code"] == "site_unknown"
    assert api.get("/whoami/", headers=NOWHERE).status_code == 401


def test_the_public_keys_of_an_unknown_host_are_none(api: Api) -> None:
    """The document says so in the shape of the contract."""
    answer = api.get("/.well-known/jwks.json", headers=NOWHERE)
    assert answer.status_code == CODES["site_unknown"]
    assert read(answer)["code"] == "site_unknown"


@pytest.mark.parametrize("raised", [KeyError("x"), Http404(), ObjectDoesNotExist(), None])
def test_a_resolver_says_in_its_own_way_that_it_knows_nothing(
    settings: Any, raised: Exception | None
) -> None:
    """A failed look-up of whatever kind, or None."""

    def resolve(_: HttpRequest) -> None:
        if raised is not None:
            raise raised

    settings.JOTPASS = {"SITE_RESOLVER": resolve}
    with pytest.raises(errors.SiteUnknown):
        site_of(RequestFactory().get("/"))


def test_a_resolver_that_answers_something_else_is_a_mistake(settings: Any) -> None:
    """Of the project, which is told so."""
    settings.JOTPASS = {"SITE_RESOLVER": lambda _: "https://one.example"}
    with pytest.raises(ImproperlyConfigured, match="must return a Site or None, not str"):
        site_of(RequestFactory().get("/"))


def test_a_resolver_is_asked_once_for_each_request(settings: Any) -> None:
    """However many rooms want to know."""
    asked: list[HttpRequest] = []

    def resolve(request: HttpRequest) -> Site:
        asked.append(request)
        return SITES["one.example"]

    settings.JOTPASS = {"SITE_RESOLVER": resolve}
    request = RequestFactory().get("/")
    assert site_of(request) == site_of(request) == SITES["one.example"]
    assert asked == [request]


def test_without_a_request_the_site_is_the_default_one(person: Any) -> None:
    """A command and a task sign in the name of ISSUER."""
    assert site_of(None) == default_site() == Site("urn:jotpass:local", "urn:jotpass:local")
    pair = start_session(person)
    assert claims_of(pair.access)["iss"] == "urn:jotpass:local"
    outcome = rotate_refresh_token(pair.refresh)
    assert isinstance(outcome, Rotation)
    assert outcome.pair is not None


def test_each_site_has_one_policy_while_the_settings_stay() -> None:
    """Nothing is built again for the next request, at whichever site."""
    one, two = SITES.values()
    assert request_policy(one) is request_policy(Site(one.issuer, one.audience))
    assert request_policy(one) is not request_policy(two)
    assert token_policy(one).keys != token_policy(two).keys


@pytest.mark.parametrize(
    ("issuer", "audience"),
    [("", "a"), ("a", ""), ("a", ()), ("a", ("b", "")), ("x" * (MAX_ISSUER_LENGTH + 1), "a")],
)
def test_a_site_that_no_token_could_name_is_refused(issuer: str, audience: Any) -> None:
    """Empty names, and an issuer longer than the key ring holds."""
    with pytest.raises(ValueError, match="empty"):
        Site(issuer, audience)


@pytest.mark.parametrize(("issuer", "audience"), [(None, "a"), ("a", (7,)), (7, "a")])
def test_a_site_is_made_of_strings(issuer: Any, audience: Any) -> None:
    """Anything else is a mistake that shows where it is made."""
    with pytest.raises(TypeError, match="a string"):
        Site(issuer, audience)


def test_a_list_of_audiences_is_taken_for_a_tuple() -> None:
    """Policies are kept by site, so a site must have a hash; what is neither is refused at once."""
    site = Site("urn:a", ["urn:b", "urn:c"])  # type: ignore[arg-type]
    assert site == Site("urn:a", ("urn:b", "urn:c"))
    assert token_policy(site).audience == ("urn:b", "urn:c")
    for audience in ({"urn:b"}, None, 5):
        with pytest.raises(TypeError):
            Site("urn:a", audience)  # type: ignore[arg-type]
