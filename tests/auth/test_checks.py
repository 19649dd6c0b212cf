"""System checks: an id for each setting, found by every bad value; silence about a good project."""

from __future__ import annotations

import re
from datetime import timedelta
from inspect import getsource
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.checks import ERROR, CheckMessage, Tags, run_checks
from django.test.utils import isolate_apps

from jotpass.auth import checks
from jotpass.auth.checks import SETTING_IDS
from jotpass.auth.conf import Settings

NAMED = {"ISSUER": "https://id.example", "AUDIENCE": "https://api.example"}


@pytest.fixture
def deployed_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing tells that tests run."""
    monkeypatch.delattr(mail, "outbox")


def found() -> list[CheckMessage]:
    """What Jotpass has to say about the project."""
    return [message for message in run_checks() if str(message.id).startswith("jotpass.")]


def ids() -> list[str]:
    """The ids of that, in order."""
    return sorted(str(message.id) for message in found())


def test_a_good_project_hears_nothing(settings: Any, db: None) -> None:
    """With its issuer and audience named."""
    settings.JOTPASS = NAMED
    assert ids() == []


@pytest.mark.parametrize(
    "written", [{}, {"ISSUER": "https://id.example"}, {"AUDIENCE": "https://api.example"}]
)
def test_an_unnamed_service_is_a_warning(settings: Any, db: None, written: dict[str, Any]) -> None:
    """Its tokens do not say whose they are."""
    settings.JOTPASS = written
    assert ids() == ["jotpass.W001"]


def test_every_setting_has_an_id_of_its_own() -> None:
    """And no two checks share one, errors and warnings alike."""
    assert set(SETTING_IDS) == {setting.name for setting in Settings.each()}
    source = getsource(checks)
    settings_ids = list(SETTING_IDS.values())
    numbers = [identifier.partition(".")[2] for identifier in settings_ids]
    others = set(re.findall(r'id="jotpass\.([EW]\d{3})"', source))
    assert len(set(numbers)) == len(numbers)
    assert others.isdisjoint(numbers)
    emitted = re.findall(r'id="jotpass\.([EW]\d{3})"', source)
    assert all(re.fullmatch(r"[EW]\d{3}", number) for number in [*numbers, *emitted])


LIMITS = (
    "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS",
    "SIGN_IN_FAILURES_PER_NAME",
    "SIGN_IN_FAILURES_PER_ADDRESS",
)
NO_LIMITS: list[Any] = [
    *(5, 0, "5/min", {5: 60}, (5,), (5, 60, 60)),
    *((0, 60), (True, 60), ("5", 60), (5, 0), (5, None)),
]
BAD: dict[str, list[Any]] = {
    "ISSUER": [None, "", 7, ["https://id.example"], "x" * 256],
    "AUDIENCE": [None, "", [], [""], 7, {"a"}],
    "SITE_RESOLVER": ["site", "no.such.function", 7, []],
    "SIGNING_ALGORITHM": [None, "none", "HS1", "RS265", ["HS256"]],
    "SIGNING_KEYS": [None, "files", [], ["keys.pem"], ["file:"], [7]],
    "LEEWAY": [None, -1, "5", True],
    "ACCESS_TOKEN_LIFETIME": [None, 0, -300, "5 minutes", timedelta(0), timedelta.max],
    "REFRESH_TOKEN_LIFETIME": [None, 0, timedelta(days=-1), timedelta.max],
    "SESSION_LIFETIME": [None, 0, float("inf"), timedelta.max],
    "REFRESH_REUSE_GRACE": [None, -1, 61, timedelta(hours=1)],
    "REFRESH_RECOVERY": [None, -1, "1h"],
    "CLIENTS": [None, [], "first-party", [""], [None], ["x" * 101]],
    "TRANSPORTS": [None, [], "body", ["smoke"], [["body"]]],
    "TRUSTED_ORIGINS": [
        None,
        "https://app.example",
        ["null"],
        ["*"],
        ["app.example"],
        ["https://app.example/"],
        ["https://*.example"],
    ],
    "CLAIMS": ["claims", "no.such.function", 7, []],
    "REVOCATION": [None, "yes", True, ""],
    "REVOCATION_MAX_STALENESS": [None, 0, "30"],
    "REVOCATION_FAIL_OPEN": [None, 0, 1, "no"],
    "SIMPLEJWT_TOKENS": [None, 0, 1, "yes", ["HS256"]],
    "REQUEST_USER": [None, "lazy", True],
    "USER_QUERYSET": ["users", "no.such.function", 7],
    "TRUSTED_PROXY_COUNT": [None, -1, 17, "1", True, 1.0],
    "SCOPES": [[], [""], ["two words"], ['quo"te'], ["back\\slash"], [1], ["x" * 1001], "no.such.rule", 7],
    "INTROSPECTION_CLIENTS": [{}, {"a": ""}, {"a": []}, {"": "sha256$" + "0" * 64}, {"a": "secret"}, "x", 7],
    "REVOCATION_REDIS_URL": [
        "",
        "localhost",
        "http://localhost",
        "redis://",
        "redis://a:port",
        "unix:",
        7,
        [],
    ],
    "SESSIONS_PER_USER": [0, -1, 1.0, "3", True],
    "LIFETIMES": ["lifetimes", "no.such.function", 7, []],
    **dict.fromkeys(LIMITS, NO_LIMITS),
    "SIGN_IN_FAILURES_CACHE": [None, "", "elsewhere", ["default"]],
    "REALM": [None, "", 7, "a\r\nSet-Cookie: a=b", "r\N{LATIN SMALL LETTER E WITH ACUTE}alm"],
}


def test_every_setting_is_tried() -> None:
    """No setting without bad values below."""
    assert set(BAD) == set(SETTING_IDS)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_found(settings: Any, db: None, name: str, value: Any) -> None:
    """Under the id of its setting, as an error that names it, and nothing else is said."""
    settings.JOTPASS = NAMED | {name: value}
    (message,) = found()
    assert message.id == SETTING_IDS[name]
    assert message.is_serious(ERROR)
    assert f"JOTPASS['{name}']" in message.msg


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("ISUER", "ISSUER"),
        ("issuer", "ISSUER"),
        ("ACCESS_TOKEN_LIFETIM", "ACCESS_TOKEN_LIFETIME"),
        (" CLAIMS ", "CLAIMS"),
        ("SOMETHING_ELSE_ALTOGETHER", None),
        (7, None),
    ],
)
def test_an_unknown_name_is_found(settings: Any, db: None, written: object, hint: str | None) -> None:
    """With the name that was probably meant."""
    settings.JOTPASS = NAMED | {written: 1}
    (message,) = found()
    assert message.id == "jotpass.E002"
    assert message.hint == (f"Did you mean '{hint}'?" if hint else None)


@pytest.mark.parametrize("value", [[], "ISSUER", 7, [("ISSUER", "x")]], ids=repr)
def test_what_is_no_dict_is_found(settings: Any, db: None, value: object) -> None:
    """And the defaults are judged besides."""
    settings.JOTPASS = value
    assert ids() == ["jotpass.E001", "jotpass.W001"]


@pytest.mark.parametrize(
    ("written", "warning"),
    [
        ({"ACCESS_TOKEN_LIFETIME": timedelta(days=1)}, "W002"),
        ({"SESSION_LIFETIME": timedelta(hours=1)}, "W003"),
        ({"REVOCATION": "none"}, "W004"),
    ],
    ids=["lifetimes", "session", "revocation"],
)
def test_settings_that_contradict_each_other_are_found(
    settings: Any, db: None, written: dict[str, Any], warning: str
) -> None:
    """Each is allowed, and probably not meant."""
    settings.JOTPASS = NAMED | written
    (message,) = found()
    assert message.id == f"jotpass.{warning}"
    assert not message.is_serious(ERROR)


def test_a_queryset_that_nobody_asks_is_found(settings: Any, db: None) -> None:
    """It may be there to keep somebody out."""
    settings.JOTPASS = NAMED | {"USER_QUERYSET": "django.contrib.auth.get_user_model"}
    (message,) = found()
    assert message.id == "jotpass.E050"
    settings.JOTPASS |= {"REQUEST_USER": "load"}
    assert found() == []


# --- the secret ---------------------------------------------------------------------------------------------


GOOD = "9aTo4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf"


@pytest.mark.parametrize(
    "key",
    ["", "short", "django-insecure-" + GOOD, "CHANGEME" + GOOD, "a" * 64, "abab" * 16, GOOD[:31], b"short"],
    ids=repr,
)
def test_a_secret_key_that_is_none_is_an_error(
    settings: Any, db: None, deployed_project: None, key: str | bytes
) -> None:
    """Empty, short, a placeholder or a pattern; where it stands is said, what it is is not."""
    settings.JOTPASS = NAMED
    settings.SECRET_KEY = key
    (message,) = found()
    assert message.id == "jotpass.E003"
    assert message.is_serious(ERROR)
    assert message.msg.startswith("SECRET_KEY ")
    assert len(key) < 32 or str(key) not in message.msg + str(message.hint)


@pytest.mark.parametrize("key", [GOOD, GOOD.encode(), "\N{SNOWMAN}" + GOOD], ids=repr)
def test_a_secret_key_is_fine(settings: Any, db: None, deployed_project: None, key: str | bytes) -> None:
    """Text or bytes, long and various enough."""
    settings.JOTPASS = NAMED
    settings.SECRET_KEY = key
    assert ids() == []


def test_fallbacks_are_secrets_too(settings: Any, db: None, deployed_project: None) -> None:
    """Their tokens are accepted, so each is judged, by its place."""
    settings.JOTPASS = NAMED
    settings.SECRET_KEY_FALLBACKS = [GOOD, "short", "django-insecure-" + GOOD]
    places = [message.msg.partition(" ")[0] for message in found()]
    assert places == ["SECRET_KEY_FALLBACKS[1]", "SECRET_KEY_FALLBACKS[2]"]


def test_a_developer_may_have_a_placeholder(settings: Any, db: None, deployed_project: None) -> None:
    """Under DEBUG nothing is said."""
    settings.JOTPASS = NAMED
    settings.DEBUG = True
    settings.SECRET_KEY = "django-insecure-x"
    settings.SECRET_KEY_FALLBACKS = ["short"]
    assert ids() == []


def test_tests_may_have_a_placeholder(settings: Any, db: None) -> None:
    """Under pytest, too, where DEBUG is off; nothing is signed there that anybody else sees."""
    settings.JOTPASS = NAMED
    settings.SECRET_KEY = "django-insecure-x"
    settings.CACHES = failure_cache("dummy.DummyCache")
    assert ids() == []


# --- the project --------------------------------------------------------------------------------------------


def test_times_without_a_zone_are_an_error(settings: Any, db: None) -> None:
    """The database's clock is compared with moments, not with wall clocks."""
    settings.JOTPASS = NAMED
    settings.USE_TZ = False
    assert ids() == ["jotpass.E004"]


def failure_cache(backend: str, **more: Any) -> dict[str, Any]:
    """CACHES in which the counters have a backend of Django's."""
    return {"default": {"BACKEND": f"django.core.cache.backends.{backend}", **more}}


def deployed(*, silent: frozenset[str] = frozenset({"jotpass.W020"})) -> list[str]:
    """The ids that `check --deploy` adds."""
    before = ids()
    messages = run_checks(include_deployment_checks=True)
    found = sorted(str(message.id) for message in messages if str(message.id).startswith("jotpass."))
    return [identifier for identifier in found if identifier not in {*before, *silent}]


@pytest.mark.parametrize(
    "backend", ["locmem.LocMemCache", "filebased.FileBasedCache", "db.DatabaseCache", "redis.RedisCache"]
)
def test_a_cache_that_does_not_count_for_all_is_found_before_production(
    settings: Any, db: None, tmp_path: Any, backend: str
) -> None:
    """Memory of one process, or a cache that counts in two steps; silence where nothing is counted."""
    settings.JOTPASS = NAMED
    settings.CACHES = failure_cache(backend, LOCATION=str(tmp_path))
    assert ids() == []
    assert deployed(silent=frozenset()) == ([] if backend == "redis.RedisCache" else ["jotpass.W020"])
    settings.JOTPASS = NAMED | dict.fromkeys(LIMITS)
    assert deployed(silent=frozenset()) == []


def test_a_cache_that_keeps_nothing_is_a_warning(settings: Any, db: None, deployed_project: None) -> None:
    """Everywhere but under DEBUG and in tests."""
    settings.JOTPASS = NAMED
    settings.CACHES = failure_cache("dummy.DummyCache")
    assert ids() == ["jotpass.W021"]
    settings.JOTPASS = NAMED | dict.fromkeys(LIMITS)
    assert ids() == []
    settings.JOTPASS = NAMED
    settings.DEBUG = True
    assert ids() == []


@pytest.mark.parametrize(
    "believed",
    [{"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}, {"USE_X_FORWARDED_HOST": True}],
)
def test_a_proxy_that_is_not_counted_is_found_before_production(
    settings: Any, db: None, believed: dict[str, Any]
) -> None:
    """Else everybody has its address."""
    settings.JOTPASS = NAMED
    assert deployed() == []
    for name, value in believed.items():
        setattr(settings, name, value)
    assert deployed() == ["jotpass.W022"]
    settings.JOTPASS = NAMED | {"TRUSTED_PROXY_COUNT": 1}
    assert deployed() == []


def watchful(*, reading: str) -> Any:
    """The user model, as a project might have it whose `__init__` or `from_db` reads a field."""
    with isolate_apps():

        class Watchful(get_user_model()):  # type: ignore[misc]
            class Meta:
                proxy = True
                app_label = "people"

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                if reading == "__init__":
                    self.active_at_first = self.is_active

            @classmethod
            def from_db(cls, *args: Any, **kwargs: Any) -> Any:
                instance = super().from_db(*args, **kwargs)
                if reading == "from_db":
                    instance.active_at_first = instance.is_active
                return instance

    return Watchful


@pytest.mark.parametrize("where", ["__init__", "from_db"])
@pytest.mark.parametrize("row", [True, False], ids=["found", "missing"])
def test_a_user_model_that_reads_itself_is_an_error(
    settings: Any, db: None, monkeypatch: pytest.MonkeyPatch, where: str, row: bool
) -> None:
    """Each request would cost a query; that is found without one, whatever users there are."""
    settings.JOTPASS = NAMED
    model = watchful(reading=where)
    monkeypatch.setattr(checks, "get_user_model", lambda: model)
    if row:
        subject = checks._any_subject(model)
        get_user_model()._default_manager.create(pk=subject, **{model.USERNAME_FIELD: "a@example.org"})
    (message,) = checks.check_user_model()
    assert message.id == "jotpass.E005"
    assert message.msg.startswith("Watchful ")
    settings.JOTPASS = NAMED | {"REQUEST_USER": "load"}
    assert checks.check_user_model() == []


def test_a_user_model_that_fails_is_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises when it is built from a primary key, the check says so and goes on."""
    settings.JOTPASS = NAMED
    model = watchful(reading="")
    monkeypatch.setattr(model, "from_db", lambda *_: 1 // 0)
    monkeypatch.setattr(checks, "get_user_model", lambda: model)
    (message,) = checks.check_user_model()
    assert "ZeroDivisionError" in message.msg


def test_a_user_model_that_reads_nothing_is_fine(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is built."""
    settings.JOTPASS = NAMED
    model = watchful(reading="")
    monkeypatch.setattr(checks, "get_user_model", lambda: model)
    assert checks.check_user_model() == []


def test_checks_need_no_database() -> None:
    """`manage.py check` runs before there is one."""
    assert "jotpass.W001" in {message.id for message in run_checks(tags=[Tags.security])}


def test_a_middleware_that_would_be_overwritten_is_an_error(settings: Any, db: None) -> None:
    """Below Django's own, or without it, all is well."""
    ours = "jotpass.auth.middleware.JWTAuthenticationMiddleware"
    settings.JOTPASS = NAMED
    settings.MIDDLEWARE = [ours, *settings.MIDDLEWARE]
    assert ids() == ["jotpass.E051"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[1:], ours]
    assert ids() == []
