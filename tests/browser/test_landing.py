"""The landing page in a real Chromium: a person signs in, watches the tokens, and sees them die."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, expect

from tests.server import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

SCHEMES = ("light", "dark")
WIDTHS = {"phone": (360, 740), "desk": (1280, 800)}
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[program.Server]:
    """One demo; access tokens live for a minute, so that none expires by accident."""
    folder = tmp_path_factory.mktemp("demo")
    with program.running(folder, "demo", JOTPASS_ACCESS_TOKEN_LIFETIME="60") as server:
        yield server


@pytest.fixture(params=SCHEMES)
def page(request: pytest.FixtureRequest, browser: Browser, demo: program.Server) -> Iterator[Page]:
    """The page in one colour scheme; its console stays empty, but for the refusals that were asked for."""
    context = browser.new_context(
        base_url=demo.origin, color_scheme=request.param, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.extend(complaint(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    yield page
    context.close()
    assert complaints == []


def complaint(message: ConsoleMessage) -> list[str]:
    """What the browser has against the page: errors and warnings, CSP violations among them."""
    asked_for = REFUSED.match(message.text) or "net::ERR_FAILED" in message.text
    return [message.text] if message.type in {"error", "warning"} and not asked_for else []


def button(page: Page, name: str) -> Locator:
    """The one button of this name."""
    return page.get_by_role("button", name=name, exact=True)


def sign_in(page: Page) -> None:
    """Sign in with what the form holds."""
    button(page, "Sign in").click()
    expect(page.get_by_role("heading", name="Signed in as vitor")).to_be_visible()


def status(page: Page) -> Any:
    """The line that says what happened."""
    return expect(page.get_by_role("status"))


def test_the_whole_life_of_two_tokens(page: Page) -> None:
    """Sign in, call, refresh, sign out; then both tokens are refused."""
    sign_in(page)
    button(page, "Call the API").click()
    status(page).to_have_text("The API says: Hello, vitor!")
    button(page, "Refresh").click()
    status(page).to_contain_text("A new pair")
    button(page, "Sign out").click()
    expect(page.get_by_role("heading", name="Signed in as")).to_be_hidden()
    page.get_by_role("button", name="Try the former access token").first.click()
    status(page).to_contain_text("401 token_revoked")
    page.get_by_role("button", name="Try the former refresh token").first.click()
    status(page).to_contain_text("401 refresh_invalid")
    former = page.get_by_role("region", name="Former tokens")
    expect(former).to_contain_text("401 token_revoked")
    expect(former).to_contain_text("401 refresh_invalid")


def test_both_tokens_are_shown_decoded_with_their_clocks(page: Page) -> None:
    """Header, every claim, and a clock that runs."""
    sign_in(page)
    access = page.get_by_role("article", name="Access token")
    refresh = page.get_by_role("article", name="Refresh token")
    expect(access).to_contain_text("typ at+jwt")
    expect(refresh).to_contain_text("typ rt+jwt")
    for claim in ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "fid", "auth_time"):
        expect(access.locator("dt").get_by_text(claim, exact=True)).to_be_visible()
    expect(refresh.get_by_role("timer")).to_have_text(re.compile(r"^2[34]:\d\d:\d\d$"))
    before = access.get_by_role("timer").inner_text()
    expect(access.get_by_role("timer")).not_to_have_text(before)


def test_the_parent_of_a_refresh_token_is_answered_within_the_grace(page: Page) -> None:
    """A lost answer harms nobody: the page explains that the same token came back."""
    sign_in(page)
    button(page, "Refresh").click()
    page.get_by_role("button", name="Try the former refresh token").click()
    status(page).to_contain_text("the parent obtains the current refresh token again")


def test_reuse_ends_everything(page: Page) -> None:
    """A grandparent is refused, and the next call finds the sign-in revoked."""
    sign_in(page)
    for generation in (1, 2):
        button(page, "Refresh").click()
        expect(page.get_by_role("button", name="Try the former refresh token")).to_have_count(generation)
    page.get_by_role("button", name="Try the former refresh token").last.click()
    status(page).to_contain_text("the whole sign-in is revoked")
    button(page, "Call the API").click()
    status(page).to_contain_text("401 token_revoked")
    expect(button(page, "Sign in")).to_be_visible()


def test_a_wrong_password_is_said_where_it_was_typed(page: Page) -> None:
    """The error stands in the form, is announced, and the password has the focus."""
    page.get_by_label("Password").fill("wrong")
    button(page, "Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("401 no_active_account")
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill("123")
    sign_in(page)


def test_the_keyboard_is_enough(page: Page) -> None:
    """From the address bar to a former token without a mouse, and the focus is never lost."""
    for name in ("Skip to the content", "User name", "Password"):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"
        )
        assert focused == name
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Signed in as vitor")).to_be_focused()
    for name in ("Call the API", "Refresh"):
        page.keyboard.press("Tab")
        expect(button(page, name)).to_be_focused()
        outline = button(page, name).evaluate("button => getComputedStyle(button).outlineStyle")
        assert outline == "solid"
    page.keyboard.press("Enter")
    former = page.get_by_role("button", name="Try the former access token")
    former.focus()
    page.keyboard.press("Space")
    status(page).to_contain_text("It still works")
    expect(former).to_be_focused()


def test_an_expired_token_says_so(page: Page) -> None:
    """The clock ends in a word, and the message says what to do; a refresh mends it."""

    def expire(route: Route) -> None:
        response = route.fetch()
        pair = response.json()
        route.fulfill(response=response, body=json.dumps(pair | {"access": short_lived(pair["access"])}))

    page.route("**/api/token/", expire)
    sign_in(page)
    expect(page.get_by_role("article", name="Access token").get_by_role("timer")).to_have_text("Expired")
    status(page).to_contain_text("The access token has expired")
    button(page, "Refresh").click()
    status(page).to_contain_text("A new pair")
    expect(page.get_by_role("article", name="Access token").get_by_role("timer")).not_to_have_text("Expired")


def short_lived(token: str) -> str:
    """The token as it would look with one second to live; its signature is no longer right."""
    header, claims, signature = token.split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    written = json.dumps(read | {"exp": read["iat"] + 1}).encode()
    return ".".join((header, base64.urlsafe_b64encode(written).rstrip(b"=").decode(), signature))


def test_a_server_that_is_away_costs_no_token(page: Page) -> None:
    """A network failure is no sign-out: the tokens stay, and work when the server is back."""
    sign_in(page)
    page.route("**/api/**", lambda route: route.abort())
    button(page, "Refresh").click()
    status(page).to_contain_text("The server does not answer. Your tokens are kept")
    page.unroute("**/api/**")
    button(page, "Call the API").click()
    status(page).to_contain_text("Hello, vitor!")


def test_tokens_are_kept_in_memory_alone(page: Page) -> None:
    """Nothing in a storage, a cookie or the address; a reload forgets."""
    sign_in(page)
    stored = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, location.href]")
    assert stored == [0, 0, "", page.url]
    page.reload()
    expect(button(page, "Sign in")).to_be_enabled()


def test_the_policy_forbids_what_the_page_does_not_do(browser: Browser, demo: program.Server) -> None:
    """An inline script, a foreign request and a string made markup are stopped by the browser."""
    page = browser.new_page(base_url=demo.origin)
    page.goto("/")
    violated = page.evaluate(
        """async () => {
            const seen = [];
            document.addEventListener(
                "securitypolicyviolation",
                (event) => seen.push(event.effectiveDirective),
            );
            const script = document.createElement("script");
            try {
                script.textContent = "window.ran = true";
                document.head.append(script);
            } catch {
                seen.push("script");
            }
            try { document.body.innerHTML += "<b>x</b>"; } catch { seen.push("markup"); }
            await fetch("https://foreign.example/").catch(() => {});
            await new Promise((resolve) => setTimeout(resolve, 100));
            return [seen, window.ran ?? false];
        }"""
    )
    assert "markup" in violated[0]
    assert "connect-src" in violated[0]
    assert violated[1] is False
    page.close()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_runs_out_of_the_window(
    browser: Browser, demo: program.Server, width: tuple[int, int]
) -> None:
    """The page never scrolls sideways, and what is pressed is large enough (WCAG 2.5.8)."""
    page = browser.new_page(base_url=demo.origin, viewport={"width": width[0], "height": width[1]})
    page.goto("/")
    sign_in(page)
    button(page, "Refresh").click()
    expect(page.get_by_role("region", name="Former tokens")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width[0]
    for pressed in page.get_by_role("button").all():
        box = pressed.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read(browser: Browser, demo: program.Server, scheme: Any) -> None:
    """Every text has a contrast of at least 4.5 to 1 against what is behind it (WCAG 1.4.3)."""
    page = browser.new_page(base_url=demo.origin, color_scheme=scheme, reduced_motion="reduce")
    page.goto("/")
    sign_in(page)
    button(page, "Refresh").click()
    page.get_by_role("button", name="Try the former access token").click()
    expect(page.get_by_role("region", name="Former tokens")).to_contain_text("200")
    looked_at, faint = page.evaluate(CONTRAST)
    assert looked_at > 50
    assert faint == []
    page.close()


CONTRAST = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgb = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
        const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        const [x, y, z] = [r, g, b].map((v) => linear(v / 255));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const faint = [];
    let lookedAt = 0;
    for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!own || !node.checkVisibility()) continue;
        lookedAt += 1;
        const pair = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < 4.5) faint.push([node.textContent.trim().slice(0, 30), Math.round(ratio * 100) / 100]);
    }
    return [lookedAt, faint];
}"""
