"""Guessing passwords over HTTP: 429 before anything is hashed, whether the name exists or not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.signals import user_login_failed
from django.db import connection

from jotpass.auth.models import Session
from tests.auth.http.contract import PASSWORD, Api, check_refusal, create_person

if TYPE_CHECKING:
    from jotpass.auth.events import Event

TIGHT = 5
LOOSE = 50
LONG = timedelta(days=10_000)


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        """Hash, and count."""
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@pytest.fixture
def counted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[CountingHasher]:
    """A project whose hasher counts."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    monkeypatch.setattr(CountingHasher, "hashed", 0)
    return CountingHasher


def guess(api: Api, name: str, password: str = "wrong", address: str = "203.0.113.9") -> Any:
    """Try to sign in from an address."""
    return api.post("token/", {"username": name, "password": password}, headers={"X-Forwarded-For": address})


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings: Any) -> None:
    """So that a test may come from many addresses."""
    settings.JOTPASS = {
        "TRUSTED_PROXY_COUNT": 1,
        # The default numbers, within windows so long that none ends during a test.
        "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": (TIGHT, LONG),
        "SIGN_IN_FAILURES_PER_NAME": (LOOSE, LONG),
        "SIGN_IN_FAILURES_PER_ADDRESS": (2 * LOOSE, LONG),
    }


def test_guessing_at_one_person_comes_to_an_end(api: Api, person: Any, counted: type[CountingHasher]) -> None:
    """429 with the seconds to wait; the password is not hashed any more, be it right or wrong."""
    name = person.get_username()
    for _ in range(TIGHT):
        check_refusal(guess(api, name), "no_active_account")
    hashed = counted.hashed
    for password in ("wrong", PASSWORD):
        answer = guess(api, name, password)
        check_refusal(answer, "throttled")
        assert 1 <= int(answer["Retry-After"]) <= LONG.total_seconds()
    assert counted.hashed == hashed
    assert not Session.objects.exists()
    assert guess(api, name, PASSWORD, "203.0.113.10").status_code == 200


def test_an_unknown_name_costs_as_many_hashes_as_a_wrong_password(
    api: Api, person: Any, counted: type[CountingHasher]
) -> None:
    """One each: how long an answer takes does not tell whether there is such an account."""
    costs = []
    for name in (person.get_username(), "nobody@example.org"):
        before = counted.hashed
        check_refusal(guess(api, name), "no_active_account")
        costs.append(counted.hashed - before)
    assert costs == [1, 1]


def test_an_inactive_account_costs_as_many(
    api: Api, transactional_db: None, counted: type[CountingHasher]
) -> None:
    """Nor does it tell whether an account was closed."""
    name = create_person(is_active=False).get_username()
    counted.hashed = 0
    check_refusal(guess(api, name, PASSWORD), "no_active_account")
    assert counted.hashed == 1


def test_the_right_password_of_an_inactive_account_is_a_wrong_one(
    api: Api, transactional_db: None, settings: Any, events: list[Event], counted: type[CountingHasher]
) -> None:
    """Counted, told and answered alike, though the project's backend lets such people in."""
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    name = create_person(is_active=False).get_username()
    told: list[dict[str, Any]] = []

    def listen(credentials: dict[str, Any], **_: object) -> None:
        told.append(credentials)

    user_login_failed.connect(listen)
    try:
        counted.hashed = 0
        tries = ("wrong", PASSWORD, "wrong", PASSWORD, "wrong", PASSWORD, "wrong")
        answers = [guess(api, name, password) for password in tries]
    finally:
        user_login_failed.disconnect(listen)
    for answer in answers[:TIGHT]:
        check_refusal(answer, "no_active_account")
        assert answer.content == answers[0].content
    for answer in answers[TIGHT:]:
        check_refusal(answer, "throttled")
    assert counted.hashed == len(told) == TIGHT
    assert [event.name for event in events] == ["sign_in_failed"] * len(tries)
    assert all(credentials == told[0] and PASSWORD not in credentials.values() for credentials in told)


@pytest.mark.parametrize("spread", [False, True], ids=["one address", "many addresses"])
def test_names_that_exist_are_throttled_like_those_that_do_not(api: Api, person: Any, spread: bool) -> None:
    """Answer by answer, byte for byte, even where the person has signed in before."""
    name = person.get_username()
    assert guess(api, name, PASSWORD, "203.0.113.0").status_code == 200
    told = []
    for who in (name, "nobody@example.org"):
        answers = [
            guess(api, who, address=f"203.0.113.{number // 4 if spread else 0}")
            for number in range(LOOSE + 6)
        ]
        answers.append(guess(api, who, address="203.0.113.0"))
        told.append([(answer.status_code, answer.content) for answer in answers])
    assert told[0] == told[1]
    assert {status for status, _ in told[0]} == {401, 429}


def test_an_owner_is_not_locked_out_from_afar(api: Api, person: Any) -> None:
    """Where they signed in before they still do, and who is signed in stays it."""
    name = person.get_username()
    pair = api.sign_in(person)
    assert guess(api, name, PASSWORD).status_code == 200
    for number in range(LOOSE):
        guess(api, name, address=f"198.51.100.{number}")
    check_refusal(guess(api, name, PASSWORD, "198.51.100.99"), "throttled")
    assert guess(api, name, PASSWORD).status_code == 200
    assert api.is_live(api.refresh(pair))


def test_who_writes_the_header_has_no_further_allowance(api: Api, person: Any) -> None:
    """Whatever stands left of the hop that the own proxy wrote."""
    told = [
        guess(api, "vitor", address=f"198.51.100.{number}, 203.0.113.9").status_code
        for number in range(TIGHT + 2)
    ]
    assert told == [401] * TIGHT + [429] * 2


def test_a_success_clears_its_own_failures_alone(api: Api, person: Any) -> None:
    """Signing in to an account of one's own does not allow another round of guesses at somebody else."""
    create_person("mallory@example.org")
    told = []
    for _ in range(TIGHT + 2):
        told.append(guess(api, person.get_username()).status_code)
        assert guess(api, "mallory@example.org", PASSWORD).status_code == 200
    assert told == [401] * TIGHT + [429] * 2


def test_the_password_of_a_session_is_counted_with_that_of_a_sign_in(api: Api, pair: dict[str, Any]) -> None:
    """Who stole an access token cannot find out the password with it."""
    for _ in range(TIGHT):
        answer = api.post("session/reauthenticate/", {"password": "wrong"}, bearer=pair["access"])
        check_refusal(answer, "no_active_account")
    answer = api.post("session/reauthenticate/", {"password": PASSWORD}, bearer=pair["access"])
    check_refusal(answer, "throttled")
    assert api.is_live(pair)


def test_a_malformed_request_is_no_failure(api: Api, person: Any) -> None:
    """Nothing was tried."""
    for _ in range(TIGHT + 1):
        check_refusal(api.post("token/", {"username": person.get_username()}), "malformed_request")
    assert api.post("token/", {"username": person.get_username(), "password": PASSWORD}).status_code == 200


def test_failures_are_told_as_events(api: Api, person: Any, events: list[Event]) -> None:
    """Those that were throttled with the reason."""
    for _ in range(TIGHT + 1):
        guess(api, person.get_username())
    assert {event.name for event in events} == {"sign_in_failed"}
    assert [event.reason for event in events] == [""] * TIGHT + ["throttled"]
    assert {event.device.address for event in events} == {"203.0.113.9"}


def test_of_guesses_at_the_same_time_no_more_are_answered(api: Api, person: Any) -> None:
    """Exactly the limit, through threads and views; none of the others learns anything."""

    def guess_once(_: int) -> int:
        try:
            status: int = guess(Api(), person.get_username()).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(guess_once, range(24)))
    assert sorted(told) == [401] * TIGHT + [429] * (24 - TIGHT)


def test_limits_can_be_turned_off(api: Api, person: Any, settings: Any) -> None:
    """For a project that has others."""
    settings.JOTPASS = dict.fromkeys(
        ("SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS", "SIGN_IN_FAILURES_PER_NAME", "SIGN_IN_FAILURES_PER_ADDRESS")
    )
    assert {guess(api, person.get_username()).status_code for _ in range(TIGHT + 2)} == {401}


def test_a_cache_that_is_away_keeps_nobody_out(api: Api, person: Any, settings: Any) -> None:
    """Nor is it a 500; a guesser comes to an end all the same."""
    nobody = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": nobody}
    assert guess(api, person.get_username(), PASSWORD).status_code == 200
    told = [guess(api, person.get_username()).status_code for _ in range(TIGHT + 1)]
    assert told == [401] * TIGHT + [429]
