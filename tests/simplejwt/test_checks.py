"""The system checks: what is wrong is told always, what could be better with `--deploy`, and each once."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import pytest
import rest_framework_simplejwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.checks import ERROR, INFO, WARNING, CheckMessage, run_checks
from rest_framework_simplejwt.settings import DEFAULTS

from jotpass import jose

ENOUGH = "a secret of its own, longer than any algorithm asks for: 7f0c9e41d2b8a365"
NAMED = {"ISSUER": "https://id.example", "AUDIENCE": "https://api.example"}
ALWAYS = {"simplejwt.I007", "simplejwt.I011"}
"""With `--deploy`, whatever the host project sets: access tokens last, and the verification is served."""


def found(*, deploy: bool = False) -> list[CheckMessage]:
    """What the drop-in has to say about the project."""
    messages = run_checks(include_deployment_checks=deploy)
    return [message for message in messages if str(message.id).startswith("simplejwt.")]


def ids(*, deploy: bool = False) -> list[str]:
    """The ids of that, in order."""
    return sorted(str(message.id) for message in found(deploy=deploy))


def test_a_project_without_settings_hears_nothing() -> None:
    """The documented way in has no warning."""
    assert ids() == []


def test_every_known_setting_is_known(settings: Any) -> None:
    """A project may write down all the defaults."""
    settings.SIMPLE_JWT = dict(DEFAULTS)
    assert ids() == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ACCESS_TOKEN_LIFETIME ", "ACCESS_TOKEN_LIFETIME"), ("ROTATE_REFRESH_TOKEN", "ROTATE_REFRESH_TOKENS")],
)
def test_an_unknown_name_is_told(settings: Any, written: str, meant: str) -> None:
    """With the one that was meant: a space at the end has cost people days."""
    settings.SIMPLE_JWT = {written: True}
    [message] = found()
    assert message.id == "simplejwt.W002"
    assert repr(written) in message.msg
    assert message.hint == f"Did you mean {meant!r}?"


def test_a_name_like_no_other_is_told(settings: Any) -> None:
    """Without a guess."""
    settings.SIMPLE_JWT = {"FROBNICATE": 1}
    assert [message.hint for message in found()] == ["Remove it."]


@pytest.mark.parametrize(
    ("algorithm", "length", "told"),
    [
        ("HS256", 31, ["simplejwt.W001"]),
        ("HS256", 32, []),
        ("HS384", 47, ["simplejwt.W001"]),
        ("HS384", 48, []),
        ("HS512", 63, ["simplejwt.W001"]),
        ("HS512", 64, []),
        ("HS256", 0, ["simplejwt.E001"]),
    ],
)
def test_a_short_secret_is_told_and_works(
    settings: Any, algorithm: str, length: int, told: list[str]
) -> None:
    """A live secret cannot be made longer without signing everybody out."""
    from rest_framework_simplejwt.tokens import AccessToken  # noqa: PLC0415

    settings.SIMPLE_JWT = {"ALGORITHM": algorithm, "SIGNING_KEY": "x" * length}
    assert ids() == told
    assert not any("xxx" in f"{message.msg}{message.hint}" for message in found())
    if length:
        assert AccessToken(str(AccessToken()))["token_type"] == "access"


@pytest.mark.parametrize("name", ["SIGNING_KEY", "VERIFYING_KEY"])
@pytest.mark.parametrize(
    "value", ["no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", 5]
)
def test_what_is_no_key_is_an_error(settings: Any, name: str, value: Any) -> None:
    """And the check does not show what was written."""
    settings.SIMPLE_JWT = {"ALGORITHM": "RS256", name: value}
    [message] = found()
    assert (message.id, message.is_serious()) == ("simplejwt.E001", True)
    assert message.msg == f"SIMPLE_JWT[{name!r}] is no key for RS256."


def test_good_keys_are_good(settings: Any) -> None:
    """A pair; and a service that only verifies needs no key to sign with."""
    key = jose.Key.generate("ES256")
    public = key.public_key().to_pem()
    settings.SIMPLE_JWT = {
        "ALGORITHM": "ES256",
        "SIGNING_KEY": key.to_pem(private=True),
        "VERIFYING_KEY": public,
    }
    assert ids() == []
    settings.SIMPLE_JWT = {"ALGORITHM": "ES256", "VERIFYING_KEY": public.decode()}
    assert ids() == []
    settings.SIMPLE_JWT = {"ALGORITHM": "RS256", "JWK_URL": "https://id.example/jwks.json"}
    assert ids() == []


@pytest.mark.parametrize("verifier", ["VERIFYING_KEY", "JWK_URL"])
@pytest.mark.parametrize("placeholder", ["unused", "-----BEGIN PRIVATE KEY-----", 5])
def test_a_project_that_only_verifies_runs_with_a_placeholder(
    settings: Any, verifier: str, placeholder: Any
) -> None:
    """It verified before; what stands for the key it does not have must not stop `migrate`."""
    public = jose.Key.generate("RS256").public_key().to_pem()
    value = public.decode() if verifier == "VERIFYING_KEY" else "https://id.example/jwks.json"
    settings.SIMPLE_JWT = {"ALGORITHM": "RS256", "SIGNING_KEY": placeholder, verifier: value}
    [message] = found()
    assert (message.id, message.is_serious()) == ("simplejwt.W012", False)
    assert str(placeholder) not in f"{message.msg}{message.hint}".replace("RS256", "")


def test_two_that_are_no_keys_are_two_errors(settings: Any) -> None:
    """Where nothing could be verified, a SIGNING_KEY that is no key stays an error."""
    settings.SIMPLE_JWT = {"ALGORITHM": "RS256", "SIGNING_KEY": "unused", "VERIFYING_KEY": "no key"}
    assert ids() == ["simplejwt.E001", "simplejwt.E001"]


def test_a_short_rsa_key_is_no_key(settings: Any) -> None:
    """It neither signs nor verifies, and the check says so."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 (that is the case)
    public = short.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for written in (public, short.public_key()):
        settings.SIMPLE_JWT = {"ALGORITHM": "RS256", "VERIFYING_KEY": written}
        assert ids() == ["simplejwt.E001"]


def test_a_blacklist_that_is_not_there_is_told(settings: Any) -> None:
    """Switched on without its app."""
    settings.SIMPLE_JWT = {"BLACKLIST_AFTER_ROTATION": True}
    assert ids() == []
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.endswith("token_blacklist")]
    assert ids() == ["simplejwt.W003"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param({}, {"W008", "W010"}, id="as it comes"),
        pytest.param({"SIGNING_KEY": ENOUGH} | NAMED, {"I009"}, id="a key of its own"),
        pytest.param({"ALGORITHM": "RS256", "JWK_URL": "https://id.example/"} | NAMED, set(), id="JWK_URL"),
        pytest.param({"SIGNING_KEY": ENOUGH, "ISSUER": "https://id.example"}, {"I009", "W010"}, id="issuer"),
        pytest.param({"ROTATE_REFRESH_TOKENS": True}, {"W004", "I005", "W008", "W010"}, id="rotation"),
        pytest.param(
            {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True},
            {"I005", "W008", "W010"},
            id="rotation and blacklist",
        ),
        pytest.param({"CHECK_REVOKE_TOKEN": True}, {"W006", "W008", "W010"}, id="digest of the password"),
    ],
)
def test_advice_is_given_with_deploy_alone(settings: Any, written: dict[str, Any], told: set[str]) -> None:
    """What is kept for compatibility has a better way, which is named where somebody asks."""
    settings.SIMPLE_JWT = written
    assert ids() == []
    assert set(ids(deploy=True)) == {f"simplejwt.{number}" for number in told} | ALWAYS
    assert all("Jotpass" in str(message.hint) for message in found(deploy=True))


def test_what_no_setting_mends_fails_nobody(settings: Any) -> None:
    """`check --deploy --fail-level WARNING` passes in a project that did what it could."""
    settings.SIMPLE_JWT = {
        "SIGNING_KEY": ENOUGH,
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    } | NAMED
    assert ids(deploy=True) == ["simplejwt.I005", "simplejwt.I007", "simplejwt.I009", "simplejwt.I011"]
    assert not any(message.is_serious(WARNING) for message in found(deploy=True))


def test_the_letter_tells_the_level(settings: Any) -> None:
    """Who silences or fails by ids knows what they are."""
    settings.SIMPLE_JWT = {"ROTATE_REFRESH_TOKENS": True, "CHECK_REVOKE_TOKEN": True, "FROBNICATE": 1}
    letters = {"I": INFO, "W": WARNING, "E": ERROR}
    messages = found(deploy=True)
    assert {letters[str(message.id).removeprefix("simplejwt.")[0]] for message in messages} == {INFO, WARNING}
    assert all(letters[str(message.id)[10]] == message.level for message in messages)


def test_no_advice_about_what_is_not_there(settings: Any) -> None:
    """Sliding tokens alone can be taken back, and nobody serves a verification."""
    settings.SIMPLE_JWT = {"AUTH_TOKEN_CLASSES": ["rest_framework_simplejwt.tokens.SlidingToken"]}
    settings.ROOT_URLCONF = "rest_framework.urls"
    assert not ALWAYS & set(ids(deploy=True))


def test_no_check_runs_twice(settings: Any) -> None:
    """However often the package is loaded."""
    settings.SIMPLE_JWT = {"FROBNICATE": 1}
    importlib.reload(rest_framework_simplejwt)
    assert len(found()) == 1


PROJECT = """
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="k" * 50, INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    SIMPLE_JWT={{"FROBNICATE": 1}}, ROOT_URLCONF="__main__",
)
urlpatterns = []
django.setup()
import {module}
from django.core.checks import run_checks
print([message.id for message in run_checks()])
"""


@pytest.mark.parametrize("module", ["authentication", "views", "tokens", "settings", "utils"])
def test_any_module_brings_the_checks(module: str) -> None:
    """A project that lists no app of ours and imports any one of the modules."""
    program = PROJECT.format(module=f"rest_framework_simplejwt.{module}")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("['simplejwt.W002']", "")
