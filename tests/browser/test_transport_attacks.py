"""Attacks on tokens in cookies, carried out in a browser: each fails, and the honest session goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests import chromium
from tests.browser.stage import PASSWORD, TRANSPORT, Stage, Victim, at, stage
from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.browser

PREFIXED = {"hybrid": {"__Host-Http-jotpass_refresh"}}
PREFIXED["cookie"] = PREFIXED["hybrid"] | {"__Host-Http-jotpass_access"}
SIBLING, FOREIGN = "evil.site.localhost", "evil.localhost"
ELSEWHERE = [SIBLING, FOREIGN]
CREDENTIALS = json.dumps({"username": "mallory", "password": PASSWORD})

FETCH = """async ([url, options]) => {
    try { return (await fetch(url, options)).type; } catch (error) { return error.name; }
}"""
FORM = """([url, enctype, fields]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: url, enctype });
    for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement("input");
        Object.assign(input, { name, value });
        form.append(input);
    }
    document.body.append(form);
    form.submit();
}"""
FRAMED = """([url, headers]) => new Promise((done) => {
    addEventListener("message", ({ data }) => done(data));
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    const options = JSON.stringify({ method: "POST", mode: "no-cors", credentials: "include", headers });
    frame.srcdoc = `<script>
        fetch(${JSON.stringify(url)}, ${options})
            .then((answer) => answer.type, (error) => error.name)
            .then((said) => parent.postMessage([origin, said], "*"));
    </script>`;
    document.body.append(frame);
})"""


TOSS = """([value, prefixes]) => {
    for (const kind of ["refresh", "access"]) {
        for (const prefix of prefixes) {
            for (const path of ["/", "/api/", "/api/token/refresh/"]) {
                document.cookie =
                    `${prefix}jotpass_${kind}=${value}; Domain=site.localhost; Path=${path}; Secure`;
            }
        }
    }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium whose own wall around this machine is down: what holds must be ours."""
    with chromium.running("--disable-features=LocalNetworkAccessChecks") as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all attacks."""
    with stage(tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own for each."""
    found = browser.new_context()
    found.set_default_timeout(10_000)
    yield found
    found.close()


@pytest.fixture(params=["hybrid", "cookie"])
def transport(request: pytest.FixtureRequest) -> str:
    """Each of the two transports that have cookies."""
    return str(request.param)


@pytest.fixture
def victim(site: Stage, context: BrowserContext, transport: str) -> Victim:
    """A person who is signed in by that transport."""
    found = Victim(context, site.api())
    found.sign_in(transport)
    assert set(found.cookies()) == PREFIXED[transport]
    return found


def check_untouched(victim: Victim, transport: str, before: dict[str, str]) -> None:
    """The browser holds what it held, and it is still good."""
    assert victim.cookies() == before
    assert victim.whoami(transport) == "victim"


# --- scripts of the page itself -----------------------------------------------------------------------------


def test_reading_the_refresh_token_from_script(victim: Victim, transport: str) -> None:
    """No cookie, no store and no answer shows it, nor with `cookie` the access token."""
    secrets = set(victim.cookies().values())
    seen = victim.page.evaluate(
        """async (transport) => {
            const headers = { "X-Jotpass-Transport": transport };
            const texts = [document.cookie, JSON.stringify(await cookieStore.getAll())];
            for (const path of ["/api/token/refresh/", "/api/session/", "/api/sessions/"]) {
                const method = path.includes("refresh") ? "POST" : "GET";
                const answer = await fetch(path, { method, headers });
                texts.push(await answer.text(), JSON.stringify([...answer.headers]));
            }
            texts.push(JSON.stringify(localStorage), JSON.stringify(sessionStorage));
            return texts.join("\\n");
        }""",
        transport,
    )
    secrets |= set(victim.cookies().values())
    assert len(secrets) == 2 * len(PREFIXED[transport])
    assert not any(secret in seen for secret in secrets)
    assert '"refresh"' not in seen
    assert ('"access"' in seen) is (transport == "hybrid")


def test_transport_downgrade_by_script(victim: Victim, transport: str) -> None:
    """Whatever a script says and sends, the HttpOnly cookie does not become a token that it can read."""
    before = victim.cookies()
    others = {"body", "hybrid", "cookie"} - {transport}
    bodies = [None, "{}", '{"refresh": null}', '{"refresh": ""}', '{"refresh": "x"}', '{"transport": "body"}']
    for asked in [*others, "", "Body", f"{transport}, body"]:
        for body in bodies:
            status, answer = victim.post("token/refresh/", body, **{TRANSPORT: asked})
            assert (status, set(answer) <= {"detail", "code", "errors"}) in {(400, True), (401, True)}
    for body in bodies:
        status, answer = victim.post("token/refresh/", body)
        assert status in {400, 401, 403}
        assert not {"access", "refresh"} & answer.keys()
    check_untouched(victim, transport, before)


def test_a_script_cannot_plant_a_cookie(victim: Victim, site: Stage, transport: str) -> None:
    """A token of `body`, or somebody else's, is not smuggled into the cookie that the server reads."""
    stolen = site.server.call(
        "POST", "/api/token/", json.loads(CREDENTIALS), headers={TRANSPORT: "body"}
    ).json["refresh"]
    before = victim.cookies()
    victim.page.evaluate(
        """(value) => {
            for (const name of ["__Host-Http-jotpass_refresh", "jotpass_refresh", " jotpass_refresh"]) {
                document.cookie = `${name}=${value}; Path=/; Secure`;
                document.cookie = `${name}=${value}; Path=/api/token/refresh/; Secure`;
            }
            document.cookie = `=__Host-Http-jotpass_refresh=${value}; Path=/; Secure`;
        }""",
        stolen,
    )
    assert {name: value for name, value in victim.cookies().items() if name in before} == before
    assert victim.whoami(transport) == "victim"


# --- pages elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ELSEWHERE)
def test_login_csrf(site: Stage, context: BrowserContext, host: str) -> None:
    """No page elsewhere signs its visitor in as somebody else, by no form and by no fetch."""
    visitor = Victim(context, site.api())
    url = f"{site.api()}/api/token/"
    page = at(context, site.evil(host))
    before = site.mark()
    for transport in ("hybrid", "cookie"):
        headers = {"Content-Type": "application/json", TRANSPORT: transport}
        options: dict[str, Any] = {"method": "POST", "credentials": "include", "body": CREDENTIALS}
        assert page.evaluate(FETCH, [url, options | {"headers": headers}]) == "TypeError"
        assert page.evaluate(FETCH, [url, options | {"mode": "no-cors", "headers": headers}]) == "opaque"
    page.evaluate(FORM, [url, "text/plain", {CREDENTIALS[:-1] + ', "x": "': '"}'}])
    # Playwright answers preflights itself where it intercepts, so that some of these do arrive.
    assert set(site.answers(before, "token/", count=3)) <= {403, 415}
    page = at(context, site.evil(host))
    page.evaluate(FORM, [url, "application/x-www-form-urlencoded", json.loads(CREDENTIALS)])
    assert set(site.answers(before, "token/", count=4)) <= {403, 415}
    assert visitor.cookies() == {}


@pytest.mark.parametrize("host", ELSEWHERE)
def test_refresh_from_another_origin(victim: Victim, site: Stage, transport: str, host: str) -> None:
    """A sibling's request carries the cookies and is refused; another site's does not even carry them."""
    before = victim.cookies()
    page = at(victim.context, site.evil(host))
    mark = site.mark()
    url = f"{victim.origin}/api/token/refresh/"
    for headers in ({}, {TRANSPORT: transport}, {TRANSPORT: "body"}):
        for mode in ("no-cors", "cors"):
            options = {"method": "POST", "mode": mode, "credentials": "include", "headers": headers}
            assert page.evaluate(FETCH, [url, options]) in {"opaque", "TypeError"}
    page.evaluate(FORM, [url, "application/x-www-form-urlencoded", {}])
    statuses = set(site.answers(mark, "token/refresh/", count=4))
    assert statuses <= {400, 403}
    assert 403 in statuses or host == FOREIGN
    check_untouched(victim, transport, before)


@pytest.mark.parametrize("path", ["logout/", "token/revoke/"])
@pytest.mark.parametrize("host", ELSEWHERE)
def test_sign_out_from_another_origin(
    victim: Victim, site: Stage, transport: str, host: str, path: str
) -> None:
    """Neither the session nor the cookies end, by fetch or by a form that leads the window there."""
    before = victim.cookies()
    page = at(victim.context, site.evil(host))
    mark = site.mark()
    url = f"{victim.origin}/api/{path}"
    for body in (None, '{"scope": "all"}'):
        options = {"method": "POST", "mode": "no-cors", "credentials": "include", "body": body}
        assert page.evaluate(FETCH, [url, options]) == "opaque"
    page.evaluate(FORM, [url, "application/x-www-form-urlencoded", {}])
    statuses = set(site.answers(mark, path, count=3))
    if path == "logout/":
        assert statuses == ({403, 415} if host == SIBLING else {204, 415})
    else:
        assert statuses == {400, 415}
    check_untouched(victim, transport, before)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_page_elsewhere_cannot_use_the_access_cookie(
    site: Stage, context: BrowserContext, host: str
) -> None:
    """Nothing is changed, and nothing can be read."""
    victim = Victim(context, site.api())
    victim.sign_in("cookie")
    _, sessions = victim.page.evaluate(
        "async () => { const a = await fetch('/api/sessions/'); return [a.status, await a.json()]; }"
    )
    (current,) = [session for session in sessions if session["current"]]
    page = at(context, site.evil(host))
    for method in ("DELETE", "PATCH", "GET"):
        options = {"method": method, "credentials": "include"}
        url = f"{victim.origin}/api/sessions/{current['sid']}/"
        assert page.evaluate(FETCH, [url, options]) == "TypeError"
    assert victim.whoami("cookie") == "victim"


@pytest.mark.parametrize("where", ["own", SIBLING, FOREIGN])
def test_origin_null(victim: Victim, site: Stage, transport: str, where: str) -> None:
    """A sandboxed frame has no origin, and is trusted by nobody, on whosever page it stands."""
    before = victim.cookies()
    page = victim.page if where == "own" else at(victim.context, site.evil(where))
    for path in ("token/refresh/", "logout/", "token/revoke/"):
        mark = site.mark()
        assert page.evaluate(FRAMED, [f"{victim.origin}/api/{path}", {}]) == ["null", "opaque"]
        (status,) = site.answers(mark, path, count=1)
        assert status in ({204} if path == "logout/" else {400})  # the browser sent no cookies, either
    check_untouched(victim, transport, before)


# --- cookies of a sibling host ------------------------------------------------------------------------------


def test_cookie_tossing_from_a_sibling_host(victim: Victim, site: Stage, transport: str) -> None:
    """A sibling can set cookies for the whole site, but not of these names; others are not looked at."""
    before = victim.cookies()
    mallory = Victim(victim.context.browser.new_context(), victim.origin)  # type: ignore[union-attr]
    mallory.sign_in(transport, "mallory")
    planted = mallory.cookies()["__Host-Http-jotpass_refresh"]
    mallory.context.close()
    page = at(victim.context, site.evil(SIBLING))
    page.evaluate(TOSS, [planted, ["__Host-Http-", "__Host-", "__host-http-", ""]])
    # The browser does send some of them, once its processes have agreed.
    program.until(lambda: planted in victim.cookies().values())
    check_untouched(victim, transport, victim.cookies() | before)
    # A name behind foreign white space is another name; what a server makes of such bytes is never Mallory.
    page.evaluate(TOSS, [planted, ["\u2000__Host-Http-", "\x85"]])
    assert victim.whoami(transport) in {"victim", None}
    assert before.keys() <= victim.cookies().keys()
    page.evaluate(TOSS, ["; Max-Age=0", ["\u2000__Host-Http-", "\x85"]])
    program.until(lambda: victim.whoami(transport) == "victim")
    status, _ = victim.post("logout/")
    assert status == 204
    assert victim.whoami(transport) is None  # with the session gone, nothing tossed takes its place


def test_cookie_tossing_on_a_developers_machine(site: Stage, context: BrowserContext) -> None:
    """Every port of a host shares its cookies: of two refresh tokens none is taken, and no session ends."""
    victim = Victim(context, site.api("localhost"))
    victim.sign_in("hybrid")
    assert set(victim.cookies()) == {"jotpass_refresh"}
    planted = site.server.call(
        "POST",
        "/api/token/",
        json.loads(CREDENTIALS),
        headers={TRANSPORT: "hybrid", "Sec-Fetch-Site": "same-origin"},
    ).headers["Set-Cookie"]
    page = at(context, site.evil("localhost"))
    page.evaluate(
        "(cookie) => { document.cookie = `${cookie}; Path=/api/token/` }", planted.partition(";")[0]
    )
    program.until(lambda: victim.whoami("hybrid") is None)
    page.evaluate("() => { document.cookie = 'jotpass_refresh=; Path=/api/token/; Max-Age=0' }")
    program.until(lambda: victim.whoami("hybrid") == "victim")
