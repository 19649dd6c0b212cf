"""The settings: read at use, each with a default that works, and refused when they would not."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from jotpass.auth.conf import Setting, Settings, jotpass_settings
from jotpass.auth.models import Session
from jotpass.auth.sessions import start_session
from jotpass.auth.setting_values import LONGEST_DURATION
from tests.auth.people import claims_of

NAMES = [setting.name for setting in Settings.each()]
DURATIONS = [
    "LEEWAY",
    "ACCESS_TOKEN_LIFETIME",
    "REFRESH_TOKEN_LIFETIME",
    "SESSION_LIFETIME",
    "REFRESH_REUSE_GRACE",
    "REFRESH_RECOVERY",
    "REVOCATION_MAX_STALENESS",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_default_works(settings: Any, name: str) -> None:
    """Without the dict, with an empty one, and with the default written out."""
    default = vars(Settings)[name].default
    del settings.JOTPASS
    value = getattr(jotpass_settings, name)
    for written in ({}, {name: default}, MappingProxyType({name: default})):
        settings.JOTPASS = written
        assert getattr(jotpass_settings, name) == value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [1j, b"bytes", -1, float("nan"), {"a": 1}, (), "\x00" * 0], ids=repr)
def test_a_value_of_another_kind_is_refused_by_name(settings: Any, name: str, value: Any) -> None:
    """Whatever the setting, the error says which one it is about."""
    settings.JOTPASS = {name: value}
    with pytest.raises(ImproperlyConfigured, match=rf"JOTPASS\['{name}'\]"):
        getattr(jotpass_settings, name)


@pytest.mark.parametrize("name", DURATIONS)
def test_a_duration_is_a_timedelta_or_seconds(settings: Any, name: str) -> None:
    """Either way of writing it is the same."""
    settings.JOTPASS = {name: 7}
    seconds = getattr(jotpass_settings, name)
    settings.JOTPASS = {name: timedelta(seconds=7)}
    assert getattr(jotpass_settings, name) == seconds == timedelta(seconds=7)
    settings.JOTPASS = {name: 7.5}
    assert getattr(jotpass_settings, name) == timedelta(seconds=7.5)


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize(
    "value",
    [True, "5", None, timedelta.max, timedelta.min, LONGEST_DURATION * 1.01, 10**400, float("inf"), -0.1],
    ids=repr,
)
def test_a_duration_that_no_date_could_bear_is_refused(settings: Any, name: str, value: Any) -> None:
    """Before it overflows at somebody's sign-in."""
    settings.JOTPASS = {name: value}
    with pytest.raises(ImproperlyConfigured, match=name):
        getattr(jotpass_settings, name)


def test_the_longest_durations_sign_in(user: Any, settings: Any) -> None:
    """What is accepted works."""
    lifetimes = ("ACCESS_TOKEN_LIFETIME", "REFRESH_TOKEN_LIFETIME", "SESSION_LIFETIME", "REFRESH_RECOVERY")
    settings.JOTPASS = dict.fromkeys((*lifetimes, "LEEWAY"), LONGEST_DURATION)
    assert start_session(user).expires_in == LONGEST_DURATION.total_seconds()


@pytest.mark.parametrize("name", ["ACCESS_TOKEN_LIFETIME", "REFRESH_TOKEN_LIFETIME", "SESSION_LIFETIME"])
@pytest.mark.parametrize("value", [0, 0.5, timedelta(0)], ids=repr)
def test_a_lifetime_is_at_least_a_second(settings: Any, name: str, value: Any) -> None:
    """Tokens count in whole seconds."""
    settings.JOTPASS = {name: value}
    with pytest.raises(ImproperlyConfigured, match=name):
        getattr(jotpass_settings, name)


@pytest.mark.parametrize("name", ["LEEWAY", "REFRESH_REUSE_GRACE", "REFRESH_RECOVERY"])
def test_zero_switches_off(settings: Any, name: str) -> None:
    """Where zero has a meaning it is allowed."""
    settings.JOTPASS = {name: 0}
    assert getattr(jotpass_settings, name) == timedelta(0)


def test_the_grace_is_short(settings: Any) -> None:
    """An access token of the grace must not outlive the record of a revocation."""
    settings.JOTPASS = {"REFRESH_REUSE_GRACE": 60}
    assert timedelta(seconds=60) == jotpass_settings.REFRESH_REUSE_GRACE
    settings.JOTPASS = {"REFRESH_REUSE_GRACE": 60.1}
    with pytest.raises(ImproperlyConfigured, match="60 seconds"):
        _ = jotpass_settings.REFRESH_REUSE_GRACE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGNING_ALGORITHM", "none"),
        ("SIGNING_ALGORITHM", "hs256"),
        ("TRANSPORTS", ["body", "pigeon"]),
        ("TRANSPORTS", "body"),
        ("TRANSPORTS", []),
        ("CLIENTS", "first-party"),
        ("CLIENTS", ["first-party", ""]),
        ("CLIENTS", ["x" * 101]),
        ("CLIENTS", [1]),
        ("AUDIENCE", []),
        ("AUDIENCE", ["a", 1]),
        ("AUDIENCE", ""),
        ("ISSUER", None),
        ("REVOCATION", "off"),
        ("REVOCATION", None),
        ("REVOCATION", []),
        ("REVOCATION_FAIL_OPEN", 1),
        ("REVOCATION_FAIL_OPEN", "yes"),
        ("REQUEST_USER", "eager"),
        ("CLAIMS", "no.such.module.function"),
        ("CLAIMS", "nodots"),
        ("CLAIMS", "jotpass.auth.conf.LOCAL_ISSUER"),
        ("CLAIMS", 7),
        ("USER_QUERYSET", "jotpass.auth.conf.no_such_name"),
        ("REALM", ""),
    ],
)
def test_a_value_that_would_not_work_is_refused(settings: Any, name: str, value: Any) -> None:
    """Nothing is guessed."""
    settings.JOTPASS = {name: value}
    with pytest.raises(ImproperlyConfigured, match=name):
        getattr(jotpass_settings, name)


@pytest.mark.parametrize("name", ["CLAIMS", "USER_QUERYSET", "LIFETIMES"])
def test_a_function_or_its_path(settings: Any, name: str) -> None:
    """A callable, the dotted path of one, or None."""
    for written, function in ((start_session, start_session), (None, None)):
        settings.JOTPASS = {name: written}
        assert getattr(jotpass_settings, name) is function
    settings.JOTPASS = {name: "jotpass.auth.sessions.start_session"}
    assert getattr(jotpass_settings, name) is start_session


def test_overridden_settings_hold_at_use(user: Any) -> None:
    """For the time of the override, and for everything that is made in it."""
    before = start_session(user)
    with override_settings(JOTPASS={"ISSUER": "https://id.example", "ACCESS_TOKEN_LIFETIME": 60}):
        claims = claims_of(start_session(user).access)
        assert (claims["iss"], claims["exp"] - claims["iat"]) == ("https://id.example", 60)
        with override_settings(JOTPASS={"SESSION_LIFETIME": 10}):
            latest = Session.objects.get(sid=start_session(user).session_id)
            assert latest.expires_at - latest.created_at == timedelta(seconds=10)
    assert claims_of(start_session(user).access)["iss"] == claims_of(before.access)["iss"]


@pytest.mark.parametrize("value", [None, [], "ISSUER", 7], ids=repr)
def test_a_dict_that_is_none_leaves_the_defaults(settings: Any, value: Any) -> None:
    """The check says so; the code goes on with what is safe."""
    settings.JOTPASS = value
    assert jotpass_settings.SIGNING_ALGORITHM == "HS256"


def test_a_setting_asked_on_the_class_is_itself() -> None:
    """The descriptor, for those who list the settings."""
    assert isinstance(Settings.ISSUER, Setting)
    assert len(NAMES) == len(set(NAMES))
