"""`manage.py jotpass keys` where several issuers have keys, or none: it makes none by mistake."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from jotpass.auth import signing_keys
from jotpass.auth.key_checks import check_fallback_keys
from jotpass.auth.models import SigningKey, session_database
from jotpass.auth.signing_keys import roll_over
from jotpass.auth.sites import Site

ISSUER = "https://id.example"
SITES = ("https://a.example", "https://b.example")


@pytest.fixture(autouse=True)
def _key_pair(settings: Any) -> None:
    settings.JOTPASS = {"ISSUER": ISSUER, "AUDIENCE": ISSUER, "SIGNING_ALGORITHM": "ES256"}


@pytest.fixture
def _sites(db: None, settings: Any) -> None:
    """Two sites that have keys, and no ISSUER."""
    settings.JOTPASS = {
        "SIGNING_ALGORITHM": "ES256",
        "SITE_RESOLVER": lambda request: Site(f"https://{request.get_host()}", "api"),
    }
    for site in SITES:
        roll_over(site)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What the command prints as JSON."""
    call_command("jotpass", "keys", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def signing(issuer: str) -> str:
    """Who signs there."""
    return SigningKey.objects.get(issuer=issuer, state="signing").kid


def stored() -> list[tuple[str, str, str]]:
    """Every key there is."""
    return list(SigningKey.objects.order_by("kid").values_list("kid", "issuer", "state"))


@pytest.mark.usefixtures("_sites")
def test_a_rollover_of_several_issuers_says_whose(capsys: pytest.CaptureFixture[str]) -> None:
    """It demands the name of one of them, lists them, and changes nothing until it has it."""
    before = stored()
    for words in (["rollover"], ["rollover", "--now"], ["rollover", "--now", "--json"]):
        with pytest.raises(CommandError, match="--issuer, one of: " + ", ".join(SITES)):
            call_command("jotpass", "keys", *words)
        assert stored() == before
    assert said(capsys, "rollover", "--now", "--issuer", SITES[1])["rolled_over"] is True
    states = {(issuer, state) for _, issuer, state in stored()}
    assert {issuer for issuer, state in states if state == "retiring"} == {SITES[1]}
    SigningKey.objects.filter(issuer=SITES[1]).delete()
    assert said(capsys, "rollover", "--now")["rolled_over"] is True
    assert {issuer for _, issuer, state in stored() if state == "retiring"} == {SITES[0]}


@pytest.mark.usefixtures("_sites")
@pytest.mark.parametrize(
    "words",
    [["rollover"], ["rollover", "--now"], ["retire"], ["retire", "KID"], ["revoke", "KID"], ["rewrap"]],
    ids=" ".join,
)
@pytest.mark.parametrize("issuer", ["https://a.exmaple", "urn:jotpass:local", ""])
def test_no_keys_are_made_for_a_name_that_is_misspelt(words: list[str], issuer: str) -> None:
    """Nobody would ever use them, and nothing would remove them; the error says who has keys."""
    before = stored()
    given = [before[0][0] if word == "KID" else word for word in words]
    with pytest.raises(CommandError, match=r"No keys of .*: https://a\.example, https://b\.example$"):
        call_command("jotpass", "keys", *given, "--issuer", issuer)
    assert stored() == before


def test_no_keys_are_made_for_sites_before_they_sign(
    db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a resolver says whose they are, the command cannot know; what goes over all finds nobody."""
    settings.JOTPASS = {"SIGNING_ALGORITHM": "ES256", "SITE_RESOLVER": lambda _: None}
    for words in (["rollover"], ["rollover", "--issuer", ISSUER]):
        with pytest.raises(CommandError, match=r"no keys|nobody yet"):
            call_command("jotpass", "keys", *words)
    assert said(capsys, "retire") == {"removed": []}
    assert said(capsys, "rewrap") == {"rewrapped": 0, "unreadable": 0}
    assert stored() == []


def test_the_project_itself_may_begin(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own ISSUER needs no keys for a rollover: they are made, and that is what it says."""
    assert said(capsys, "rewrap", "--issuer", ISSUER) == {"rewrapped": 0, "unreadable": 0}
    assert said(capsys, "retire", "--issuer", ISSUER) == {"removed": []}
    assert stored() == []
    call_command("jotpass", "keys", "rollover")
    said_first, first = capsys.readouterr().out.strip(), signing(ISSUER)
    assert said_first == f"The first keys of {ISSUER} are made: {first} signs."
    call_command("jotpass", "keys", "rollover", "--issuer", ISSUER)
    assert capsys.readouterr().out.strip() == f"{signing(ISSUER)} signs from now on."


def test_the_project_that_was_renamed_says_which(db: None) -> None:
    """Beside the keys of a former ISSUER nothing is guessed: a shell may lack a variable."""
    roll_over("https://former.example")
    with pytest.raises(CommandError, match=f"one of: https://former.example, {ISSUER}"):
        call_command("jotpass", "keys", "rollover")
    call_command("jotpass", "keys", "rollover", "--issuer", ISSUER)
    assert signing(ISSUER)


@pytest.mark.usefixtures("_sites")
def test_the_hint_of_the_check_helps(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Followed word by word it encrypts the keys of every issuer, or of the one that is named."""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-newer-secret:1234567890abcdefghijklmnopqrst"
    messages = check_fallback_keys([session_database()])
    assert len(messages) == 4
    assert said(capsys, "rewrap", "--issuer", SITES[0]) == {"rewrapped": 2, "unreadable": 0}
    call_command(*str(messages[0].hint).partition("manage.py ")[2].split())
    assert capsys.readouterr().out.strip() == "2 keys encrypted anew."
    assert check_fallback_keys([session_database()]) == []


@pytest.mark.usefixtures("_sites")
def test_what_a_secret_lost_at_one_site_is_told(settings: Any) -> None:
    """`rewrap` fails for the keys of any issuer, and does the others none the less."""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-newer-secret:1234567890abcdefghijklmnopqrst"
    SigningKey.objects.filter(issuer=SITES[0], state="pending").update(sealed="lost")
    with pytest.raises(CommandError, match="revoke them"):
        call_command("jotpass", "keys", "rewrap")
    opens = {(key.issuer, key.state): signing_keys.opened_by(key) for key in SigningKey.objects.all()}
    assert opens.pop((SITES[0], "pending")) is None
    assert set(opens.values()) == {0}


@pytest.mark.usefixtures("_sites")
def test_keys_retire_at_every_site(capsys: pytest.CaptureFixture[str]) -> None:
    """Those whose last token has expired, or of the issuer that is named."""
    for site in SITES:
        roll_over(site, at_once=True)
    retiring = SigningKey.objects.filter(state="retiring")
    retiring.update(verifies_until=timezone.now() - timedelta(seconds=1))
    kids = dict(retiring.values_list("issuer", "kid"))
    assert said(capsys, "retire", "--issuer", SITES[1]) == {"removed": [kids[SITES[1]]]}
    assert said(capsys, "retire") == {"removed": [kids[SITES[0]]]}
    assert {issuer for _, issuer, _ in stored()} == set(SITES)


@pytest.mark.usefixtures("_sites")
def test_every_issuer_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """And of a name without keys it is said that it has none."""
    assert {key["issuer"] for key in said(capsys, "list")} == set(SITES)
    call_command("jotpass", "keys", "list", "--issuer", "https://a.exmaple")
    assert "There are no keys of https://a.exmaple" in capsys.readouterr().out
