"""``manage.py jotpass migrate-from-simplejwt``: what it says, what it carries, and what it never shows."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from rest_framework_simplejwt.settings import DEFAULTS

from jotpass.auth.conf import Settings
from jotpass.auth.models import Session
from jotpass.auth.simplejwt.replacements import SETTINGS
from tests.moving.old_tokens import fill, issue

NOTHING = {"carried_before": 0, "spent": 0, "inactive": 0, "no_user": 0, "other_type": 0}


def said(*arguments: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("jotpass", "migrate-from-simplejwt", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_it_carries_and_counts(user: Any) -> None:
    """A line for each batch, and what came of the tokens."""
    fill([user], 5)
    printed = said("--batch", "2")
    assert "2 of 5 rows looked at\n4 of 5 rows looked at\n5 of 5 rows looked at\n" in printed
    assert "Of 5 tokens that have not expired, 5 carried into sessions.\n" in printed
    assert Session.objects.count() == 5
    assert "0 carried into sessions, 5 were carried before.\n" in said()


def test_a_dry_run_only_says_what_it_would_do(user: Any) -> None:
    """Nothing is written."""
    issue(user)
    assert "Of 1 tokens that have not expired, 1 can be carried.\n" in said("--dry-run")
    assert not Session.objects.exists()


def test_json_has_everything_for_programs(user: Any) -> None:
    """Settings, code, front ends, tokens and notes; nothing else is printed."""
    issue(user)
    for dry_run, arguments in ((True, ["--dry-run"]), (False, [])):
        told = json.loads(said("--json", *arguments))
        assert set(told) == {"settings", "code", "front_end", "tokens", "notes", "dry_run"}
        assert (told["tokens"], told["notes"]) == ({"carried": 1, **NOTHING}, [])
        assert told["dry_run"] is dry_run


@pytest.mark.django_db
def test_each_setting_of_the_project_has_its_replacement(settings: Any) -> None:
    """The value as it is set and what takes its place; of one that nobody knows, that."""
    settings.SIMPLE_JWT = {
        "ACCESS_TOKEN_LIFETIME": timedelta(minutes=9),
        "AUTH_HEADER_TYPES": ("Bearer", "JWT"),
        "ACCESS_TOKEN_LIFETIME ": 1,
    }
    rows = [tuple(row.values()) for row in json.loads(said("--json"))["settings"]]
    assert rows == [
        ("ACCESS_TOKEN_LIFETIME", "0:09:00", "ACCESS_TOKEN_LIFETIME"),
        ("AUTH_HEADER_TYPES", "Bearer, JWT", "nothing: Bearer, in any case"),
        ("ACCESS_TOKEN_LIFETIME ", "(not shown)", "nothing: nobody knows it"),
    ]


@pytest.mark.django_db
def test_views_and_classes_of_the_project_are_found(settings: Any) -> None:
    """Where they are, and what takes their place."""
    named = "rest_framework_simplejwt.authentication.JWTAuthentication"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_AUTHENTICATION_CLASSES": [named]}
    rows = {tuple(row.values()) for row in json.loads(said("--json"))["code"]}
    assert rows == {
        ("DEFAULT_AUTHENTICATION_CLASSES", named, "jotpass.auth.drf.authentication.JWTAuthentication"),
        ("TokenObtainPairView", "/old/token/", "POST token/"),
        ("TokenRefreshView", "/old/token/refresh/", "POST token/refresh/"),
        ("TokenBlacklistView", "/old/token/blacklist/", "POST logout/"),
    }
    assert "/old/token/blacklist/" in said("--dry-run")


def test_no_key_is_printed(user: Any, settings: Any) -> None:
    """Neither of signing nor of verifying, in text or JSON."""
    token = issue(user)
    settings.SIMPLE_JWT = {**settings.SIMPLE_JWT, "SIGNING_KEY ": "a-key-under-a-name-with-a-blank"}
    for printed in (said(), said("--json")):
        assert "(not shown)" in printed
        assert settings.SIMPLE_JWT["SIGNING_KEY"] not in printed
        assert "a-key-under-a-name-with-a-blank" not in printed
        assert token not in printed


def test_every_setting_has_a_replacement() -> None:
    """All that djangorestframework-simplejwt knows; what takes its place exists."""
    assert set(SETTINGS) == set(DEFAULTS)
    ours = {setting.name for setting in Settings.each()}
    words = {word.strip(",:;()") for text in SETTINGS.values() for word in text.split()}
    named = {word for word in words if word.isupper() and "_" in word}
    assert named - ours == {"SECRET_KEY"}


def test_the_page_has_the_same_table() -> None:
    """What the command says, the how-to says of all settings."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "move-from-simplejwt.md"
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows[1:]) == SETTINGS


@pytest.mark.django_db
def test_what_stands_in_the_way_is_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is off, or there are no tables."""
    settings.JOTPASS = {}
    assert "JOTPASS['SIMPLEJWT_TOKENS'] is off" in said()
    monkeypatch.setattr("jotpass.auth.simplejwt.tables._LABEL", "no_such_app")
    printed = said()
    assert "There are no tables of tokens" in printed
    assert "Of 0 tokens" in printed


@pytest.mark.django_db
@pytest.mark.parametrize("batch", ["0", "-1", "5001"])
def test_a_batch_out_of_range_is_refused(batch: str) -> None:
    """In words, before anything is read."""
    with pytest.raises(CommandError, match="--batch must be from 1 to 5000"):
        said("--batch", batch)
